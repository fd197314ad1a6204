# result: www.example:443 direct fail tcp-reset sensor>endpoint
# The server accepts and resets before the client has said anything.
host sensor 10.0.0.5 64
host resolver 10.0.0.1 64
host server 192.0.2.1 57
flow d sensor:40001 resolver:53
flow a sensor:40000 server:443
0.000 dns d > www.example A id=7
0.001 dns d < www.example A id=7 rcode=0 192.0.2.1
0.010 a > syn mss=1460
0.030 a < syn ack mss=1400
0.031 a > ack
0.032 a < rst ack
expect
flow dst=192.0.2.1:443 state=reset
