# Two hops, each of which wants credentials: five CONNECTs on one connection, and the last is denied.
host sensor 10.0.0.5 64
host hop1 10.0.1.1 63
flow p sensor:40000 hop1:3128
100.000 p > syn mss=1460
100.001 p < syn ack mss=1400
100.002 p > ack
100.010 p > ack connect:first.example:3128
100.011 p < ack text:HTTP/1.1\_407\_No\r\nProxy-Authenticate:\_Basic\_realm="x"\r\nContent-Length:\_0\r\n\r\n
100.020 p > ack connect:hop2.example:3128
100.021 p < ack text:HTTP/1.1\_407\_No\r\nProxy-Authenticate:\_Basic\_realm="x"\r\nContent-Length:\_0\r\n\r\n
100.030 p > ack connect:hop2.example:3128 auth:Basic_dXNlcjpwYXNz
100.031 p < ack status:200
100.040 p > ack connect:www.example:443
100.041 p < ack text:HTTP/1.1\_407\_No\r\nProxy-Authenticate:\_Basic\_realm="y"\r\nContent-Length:\_0\r\n\r\n
100.050 p > ack connect:www.example:443 auth:Basic_dXNlcjpwYXNz
100.051 p < ack text:HTTP/1.1\_403\_No\r\nContent-Length:\_0\r\n\r\n
100.060 p > ack fin
expect
file packets=14
