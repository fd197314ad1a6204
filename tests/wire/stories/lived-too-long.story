# result: 192.0.2.1:443 direct fail net-unreachable sensor>endpoint
# A router says of an ordinary SYN that its time to live is over: it went round in circles.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
host router 10.0.7.1 63
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.005 router icmp 11 0 a
expect
flow state=syn-sent icmp=ttl-exceeded from=10.0.7.1
