# result: 192.0.2.1:443 direct fail tcp-timeout sensor>endpoint
# The answer comes, and the client asks again and never acknowledges it: it did not hear of it.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.020 a < syn ack mss=1400
1.000 a > again
1.020 a < again
3.000 a > again
3.020 a < again
expect
flow state=syn-answered syns>=3
