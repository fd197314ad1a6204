# A capture that begins too late.
# note: the capture shows no connection to any endpoint
# exit: 3
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > ack data:100
0.020 a < ack data:100
expect
flow state=midstream
