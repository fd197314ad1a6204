# What one run leaves on the wire: names, a connection through a proxy with credentials, one that
# fails, and the same ports as long ago.
host sensor 10.0.0.5 64
host resolver 10.0.0.53 62
host hop1 10.0.1.1 63
host server 192.0.2.1 57
host router 10.0.7.1 63
flow q sensor:50000 resolver:53
flow old sensor:40000 server:443
flow d sensor:40000 server:443
flow p sensor:40001 hop1:3128
1.000 old > syn mss=1460
1.010 old < rst ack
100.000 dns q > www.example A id=11
100.001 dns q > www.example AAAA id=12
100.010 dns q < www.example A id=11 192.0.2.1
100.011 dns q < www.example AAAA id=12
100.020 d > syn mss=1460
100.030 d < syn ack mss=1400
100.031 d > ack
100.032 d > ack hello:www.example
100.034 d < rst ttl=61
100.040 p > syn mss=1460
100.041 p < syn ack mss=1400
100.042 p > ack
100.043 p > ack connect:www.example:443 auth:Basic_dXNlcjpwYXNz
100.044 router icmp 3 4 p mtu=1400 quote=300
100.050 p > ack again part=0-100
100.051 p > ack back=0 part=100-200
100.060 p < ack status:200
100.061 p > ack hello:www.example
100.080 p < ack server-hello:1.3 data:900
100.081 p > ack data:53
100.090 p < ack data:200
expect
file packets=23
