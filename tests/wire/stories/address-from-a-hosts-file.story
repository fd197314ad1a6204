# result: www.example:443 direct pass None None
# The resolver is silent, and the client knows the address all the same (hosts(5)).
host sensor 10.0.0.5 64
host resolver 10.0.0.1 64
host server 192.0.2.1 57
flow d sensor:40001 resolver:53
flow a sensor:40000 server:443
0.000 dns d > www.example A id=7
1.000 a > syn mss=1460
1.020 a < syn ack mss=1400
1.021 a > ack
1.022 a > ack hello:www.example
1.042 a < ack server-hello:1.3 ccs data:2000
1.044 a > ack ccs data:53
1.045 a > ack data:120
1.064 a < ack data:300
5.000 a > ack fin
5.001 a < ack fin
expect
flow dst=192.0.2.1:443 finished
