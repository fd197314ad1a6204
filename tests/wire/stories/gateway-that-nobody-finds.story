# The sensor asks for its router, and nobody answers: there is nothing else in the capture, and that much
# is said. One that looks whether its own address is free asks of nobody.
# note: nobody answered 10.0.0.5's 3 requests for the hardware address of 10.0.0.1
# exit: 3
host sensor 10.0.0.5 64
0.000 arp 10.0.0.5 10.0.0.1
1.000 arp 10.0.0.5 10.0.0.1
2.000 arp 10.0.0.5 10.0.0.1
2.100 arp 0.0.0.0 10.0.0.9
2.200 arp 0.0.0.0 10.0.0.9
2.300 arp 0.0.0.0 10.0.0.9
expect
neighbour addr=10.0.0.1 requests=3 replies=0
