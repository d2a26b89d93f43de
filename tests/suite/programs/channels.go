package main

import (
	"fmt"
	"time"
)

type job struct {
	id   int
	done chan<- *result
}

type result struct{ id, square int }

func worker(jobs <-chan job) {
	for j := range jobs {
		j.done <- &result{j.id, j.id * j.id}
	}
}

func main() {
	jobs, done := make(chan job), make(chan *result, 3)
	go worker(jobs)
	for i := range 3 {
		select {
		case jobs <- job{i, done}:
		case <-time.After(time.Second):
			fmt.Println("late")
		}
	}
	close(jobs)
	select {
	case r := <-done:
		fmt.Println(r.square)
	default:
	}
}
