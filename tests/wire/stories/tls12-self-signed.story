# TLS 1.2 shows the certificate: it is judged like that of a run.
# result: old.example:443 direct fail cert-self-signed endpoint
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.020 a < syn ack mss=1460
0.021 a > ack
0.022 a > ack hello:old.example
0.042 a < ack server-hello:1.2 cert-file:self-signed.der hello-done
0.044 a > ack ccs finished
0.064 a < ack ccs finished
0.070 a > ack data:100
0.090 a < ack data:100
expect
flow sni=old.example chain=1 finished
