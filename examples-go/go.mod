module underhood.example/go

go 1.27
