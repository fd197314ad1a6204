# The same, and a reset comes when it is used.
# result: www.example:443 direct warn idle-dropped sensor>endpoint
# says: it was reset as soon as it was used
# findings: 1
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
60.020 a < rst ack
66.000 b > syn mss=1460
66.010 b < syn ack mss=1400
66.011 b > ack
66.012 b > ack hello:www.example
66.022 b < ack server-hello:1.3
66.023 b < ack ccs
66.024 b < ack data:900
66.025 b > ack ccs
66.026 b > ack data:53
66.030 b > ack data:120
66.040 b < ack data:300
66.041 b > ack
66.500 b > fin ack
66.510 b < fin ack
66.520 b > ack
expect
flow src=10.0.0.5:40000 state=reset
