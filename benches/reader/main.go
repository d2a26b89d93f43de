// Reads what ../stamps prints and tells, for each line, how many milliseconds passed from its stamp to its being read.
//
//	reader pipe PROGRAM        from a pipe
//	reader http URL REQUEST    from the stream of a run; REQUEST is a file that holds the body to post
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) < 3 {
		log.Fatal("usage: reader pipe PROGRAM | reader http URL REQUEST")
	}
	told := 0
	tell := func(stamp string, read int64) {
		written, err := strconv.ParseInt(stamp, 10, 64)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%.6f\n", float64(read-written)/1e6)
		told++
	}
	if os.Args[1] == "pipe" {
		fromPipe(os.Args[2], tell)
	} else {
		fromRun(os.Args[2], os.Args[3], tell)
	}
	if told == 0 {
		log.Fatal("nothing was printed")
	}
}

func fromPipe(program string, tell func(string, int64)) {
	command := exec.Command(program)
	output, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		log.Fatal(err)
	}
	eachLine(output, func(line []byte, read int64) { tell(string(line), read) })
	if err := command.Wait(); err != nil {
		log.Fatal(err)
	}
}

func fromRun(url, file string, tell func(string, int64)) {
	body, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	request, err := http.NewRequest("POST", url, bytes.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Accept", "application/x-ndjson")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK {
		log.Fatal(answer.Status)
	}
	begun := ""
	eachLine(answer.Body, func(line []byte, read int64) {
		var event struct{ Type, Text, Status string }
		if err := json.Unmarshal(line, &event); err != nil {
			log.Fatal(err)
		}
		switch event.Type {
		case "stdout":
			// An event may hold several lines, and a piece of one.
			begun += event.Text
			for {
				stamp, rest, ended := strings.Cut(begun, "\n")
				if !ended {
					return
				}
				tell(stamp, read)
				begun = rest
			}
		case "exit":
			if event.Status != "ok" {
				log.Fatalf("%s", line)
			}
		}
	})
}

func eachLine(from io.Reader, do func(line []byte, read int64)) {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		do(lines.Bytes(), now())
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}

// now is CLOCK_MONOTONIC in nanoseconds, as in ../stamps.
func now() int64 {
	const monotonic = 1
	var now syscall.Timespec
	if _, _, err := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, monotonic, uintptr(unsafe.Pointer(&now)), 0); err != 0 {
		log.Fatal(err)
	}
	return now.Nano()
}
