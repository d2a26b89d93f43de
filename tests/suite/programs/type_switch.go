package main

import "fmt"

type code int

func (c code) Error() string { return fmt.Sprintf("code %d", int(c)) }

func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case int, int64:
		return fmt.Sprint("whole ", v)
	case []byte:
		return string(v)
	case error:
		return v.Error()
	case func() string:
		return v()
	}
	return "?"
}

func main() {
	bytes := []byte("bytes")
	for _, v := range []any{nil, 1, int64(2), bytes, code(3), func() string { return "f" }, 1.5} {
		println(describe(v), string(bytes) == "bytes")
	}
}
