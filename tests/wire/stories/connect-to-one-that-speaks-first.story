# args: --proxy http://10.0.1.1:3128
# result: www.example:443 hop1 fail proxy-not-a-proxy hop1
# An SSH server in the proxy's place speaks first, as SSH servers do.
host sensor 10.0.0.5 64
host hop1 10.0.1.1 63
flow a sensor:40000 hop1:3128
0.000 a > syn mss=1460
0.001 a < syn ack mss=1400
0.002 a > ack
0.003 a < ack text:SSH-2.0-Open
0.003 a < ack text:SSH\r\n
0.004 a > ack connect:www.example:443
0.005 a > fin ack
expect
flow connect=www.example:443 http=not-http
