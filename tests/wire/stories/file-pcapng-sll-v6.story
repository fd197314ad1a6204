format pcapng
link sll
host sensor 2001:db8::5 64
host server 2001:db8:1::1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.020 a < syn ack mss=1400
0.021 a > ack
0.022 a > ack hello:www.example
0.042 a < ack alert:112
expect
flow state=established rtt_us=20000 sni=www.example hello-whole alert=unrecognized_name
file packets=5 flows=1 !malformed=1 !cut=1
