module wordcount

go 1.19

require shale v1.0.0

replace shale => ../../bindings/go
