module shale

go 1.19
