# Nothing answers after a minute, and nobody tried a fresh connection: that shows nothing about idle time.
# result: www.example:443 direct warn wire-loss sensor>endpoint
host sensor 10.0.0.5 64
host resolver 10.0.0.53 64
host server 192.0.2.1 57
flow q sensor:5353 resolver:53
flow a sensor:40000 server:443
flow b sensor:40001 server:443
0.000 dns q > www.example A id=1
0.001 dns q < www.example A rcode=0 192.0.2.1
0.010 a > syn mss=1460
0.020 a < syn ack mss=1400
0.021 a > ack
0.022 a > ack hello:www.example
0.032 a < ack server-hello:1.3
0.033 a < ack ccs
0.034 a < ack data:900
0.035 a > ack ccs
0.036 a > ack data:53
0.040 a > ack data:120
0.050 a < ack data:300
0.051 a > ack
60.010 a > ack data:120
60.310 a > again
60.910 a > again
62.110 a > again
64.510 a > again
70.000 b > syn mss=1460
expect
flow src=10.0.0.5:40000 pause_ms=59959
