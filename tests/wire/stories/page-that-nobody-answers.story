# A plain HTTP server takes the request and stays silent.
# result: time.example:80 direct fail app-refused endpoint
# says: no answer in time
host sensor 10.0.0.5 64
host resolver 10.0.0.53 64
host server 192.0.2.1 57
flow q sensor:5353 resolver:53
flow a sensor:40000 server:80
0.000 dns q > time.example A id=1
0.001 dns q < time.example A rcode=0 192.0.2.1
0.010 a > syn mss=1460
0.020 a < syn ack mss=1400
0.021 a > ack
0.022 a > ack text:GET\_/\_HTTP/1.1\r\nHost:\_time.example\r\n\r\n
0.042 a < ack
5.043 a > fin ack
5.063 a < ack
expect
flow src=10.0.0.5:40000 request=GET page=silent !gap
