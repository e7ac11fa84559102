module istio-egress.lab/tools/pause

go 1.26.0
