# Nobody is at the address that the first resolver gives; the second one knows the right one.
# result: www.example:443 direct fail dns-unexpected-address resolver
host sensor 10.0.0.5 64
host first 10.0.0.53 64
host second 10.0.0.54 64
host old 192.0.2.9 57
host server 192.0.2.1 57
flow q sensor:5353 first:53
flow r sensor:5354 second:53
flow a sensor:40000 old:443
flow b sensor:40001 server:443
flow c sensor:40002 old:443
0.000 dns q > www.example A id=1
0.001 dns q < www.example A rcode=0 192.0.2.9
0.002 dns r > www.example A id=2
0.003 dns r < www.example A rcode=0 id=2 192.0.2.1
0.010 a > syn mss=1460
0.020 a < rst ack
1.010 b > syn mss=1460
1.020 b < syn ack mss=1400
1.021 b > ack
1.022 b > ack hello:www.example
1.042 b < ack server-hello:1.3
1.043 b < ack ccs
1.044 b < ack data:900
1.045 b > ack ccs
1.046 b > ack data:53
1.050 b > fin ack
1.051 b < fin ack
1.052 b > ack
2.010 c > syn mss=1460
2.020 c < rst ack
expect
flow src=10.0.0.5:40001 finished
