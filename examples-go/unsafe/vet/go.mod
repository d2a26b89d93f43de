module underhood.example/vet

go 1.25
