# A reset behind one server name; the same address with another name lives.
# result: www.example:443 direct fail sni-filtered sensor>endpoint
host sensor 10.0.0.5 64
host resolver 10.0.0.53 62
host server 192.0.2.1 57
flow q sensor:50000 resolver:53
flow a sensor:40000 server:443
flow b sensor:40001 server:443
0.000 dns q > www.example A id=1
0.001 dns q < www.example A id=1 192.0.2.1
0.010 a > syn mss=1460
0.020 a < syn ack mss=1460
0.021 a > ack
0.022 a > ack hello:www.example
0.042 a < rst
1.000 b > syn mss=1460
1.020 b < syn ack mss=1460
1.021 b > ack
1.022 b > ack hello:innocent.example
1.042 b < ack server-hello:1.3 data:300
1.043 b > ack data:53
1.060 b < ack data:200
expect
flow sni=www.example reset_by=dst
flow sni=innocent.example finished
