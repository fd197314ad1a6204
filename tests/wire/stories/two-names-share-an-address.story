# The resolver was asked for one name of the address only; the other one was known before. Both are
# endpoints, and nothing died that would make one of them an experiment.
# result: www.example:443 direct pass None None
# result: other.example:443 direct pass None None
# endpoints: 2
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
0.042 a < ack server-hello:1.3
0.043 a < ack ccs
0.044 a < ack data:900
0.045 a > ack ccs
0.046 a > ack data:53
0.050 a > fin ack
0.051 a < fin ack
0.052 a > ack
1.010 b > syn mss=1460
1.020 b < syn ack mss=1400
1.021 b > ack
1.022 b > ack hello:other.example
1.042 b < ack server-hello:1.3
1.043 b < ack ccs
1.044 b < ack data:900
1.045 b > ack ccs
1.046 b > ack data:53
1.050 b > fin ack
1.051 b < fin ack
1.052 b > ack
expect
flow src=10.0.0.5:40001 finished
