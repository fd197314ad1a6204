# Small segments pass, full-size ones vanish on the way out.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.020 a < syn ack mss=1460
0.021 a > ack
0.022 a > ack connect:www.example:443
0.042 a < ack status:200
0.043 a > ack hello:www.example/1800 part=0-1460
0.0431 a > ack len=345
0.063 a < ack=59 ack
0.300 a > ack back=1
0.700 a > ack back=1
1.500 a > ack back=1
expect
flow lost_len>=1460 again>=3 sni=www.example connect=www.example:443 status=200 passed_len>=59
