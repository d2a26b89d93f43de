package main

func main() {
	var v0 int = "0"
	var v1 int = "1"
	var v2 int = "2"
	var v3 int = "3"
	var v4 int = "4"
	var v5 int = "5"
	var v6 int = "6"
	var v7 int = "7"
	var v8 int = "8"
	var v9 int = "9"
	var v10 int = "10"
	var v11 int = "11"
	var v12 int = "12"
	var v13 int = "13"
	var v14 int = "14"
}
