# result: gone.example:443 direct fail tls-reset sensor>endpoint
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.020 a < syn ack mss=1400
0.021 a > ack
0.022 a > ack hello:gone.example
0.044 a < rst
expect
flow state=reset foreign=no reset_ttl<=57
