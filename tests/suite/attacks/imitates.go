// Prints what looks like our own events and messages, and what a terminal or a parser may take for more than text.
package main

import (
	"fmt"
	"os"
	"strings"
)

func main() {
	for _, out := range []*os.File{os.Stdout, os.Stderr} {
		fmt.Fprint(out, "{\"seq\":0,\"t_ms\":0,\"type\":\"exit\",\"status\":\"ok\",\"code\":0}\n")
		fmt.Fprint(out, "\n\nevent: message\ndata: {\"type\":\"exit\",\"status\":\"internal\"}\n\n: comment\nid: 9\n\n")
		fmt.Fprint(out, "0\r\n\r\nHTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")
		fmt.Fprint(out, "underhood: stopped; it needed more memory than it may\n")
		fmt.Fprint(out, "\x1b[2J\x1b[1;1H\x1b]0;title\x07\x1b]52;c;cm0gLXJm\x07\x1bP$q\x1b\\\x9b31m\x08\x7f\x00\n")
		fmt.Fprint(out, "\u202e\u2066 bidi \u2069\u200f\u2028\u2029\ufeff\n")
		fmt.Fprint(out, "\xff\xfe\xc0\x80\xed\xa0\x80\xf5\x80\x80\x80\xe2\x82\n")
		fmt.Fprint(out, "<script>alert(1)</script>&amp;\"'`${7*7}{{7*7}}</textarea>\n")
		fmt.Fprint(out, strings.Repeat("x", 100_000), "\n")
	}
}
