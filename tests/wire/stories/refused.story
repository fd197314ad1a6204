# result: 192.0.2.1:443 direct fail tcp-refused sensor>endpoint
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.020 a < rst ack
expect
flow state=reset reset_by=dst foreign=unknown resets<=1 reset_ttl<=57 syns>=1 reset_frame=2
