host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > ack data:100
0.020 a < ack data:100
0.021 a < ack fin
0.022 a > ack fin
expect
flow src=10.0.0.5:40000 dst=192.0.2.1:443 state=closed closed_by=dst !sni=www.example
