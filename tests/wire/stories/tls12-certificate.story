# TLS 1.2 shows its certificates, here in a message over several segments and out of order.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.020 a < syn ack mss=1400
0.021 a > ack
0.022 a > ack hello:old.example
0.0420 a < ack server-hello:1.2
0.0421 a < ack cert:3 part=0-1000 lost
0.0422 a < ack cert:3 part=1000-2000
0.0423 a < ack back=1
0.0424 a < ack cert:3 part=2000-4000
0.0425 a < ack cert-request hello-done
0.044 a > ack ccs finished
0.064 a < ack ccs finished
0.070 a > ack data:100
0.090 a < ack data:100
expect
flow sni=old.example tls=TLSv1.2 cipher=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 chain=3 client-cert-requested finished reordered<=1 !again<=1 !gap
