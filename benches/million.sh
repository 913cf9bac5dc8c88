#!/bin/sh
# Writes an estate of any number of machines, a million if none is said:
#
#   sh benches/million.sh FOLDER [MACHINES]
#   /usr/bin/time -v target/release/vmlint check FOLDER --format concise --as-of 2026-01-01
#
# A cluster has 16 hosts of 64 machines each, its own repository, two policies and a plan that moves
# eight machines; a file holds the machines of one host. One machine in 500 has a disk on its host.
# The same arguments give the same bytes.
set -eu
folder=$1
machines=${2:-1000000}
mkdir -p "$folder"
awk -v folder="$folder" -v machines="$machines" '
function open(name) { if (file) close(file); file = name; first = 1 }
function resource(kind, name, more) {
    if (!first) print "---" > file
    first = 0
    printf "apiVersion: vmlint.dev/v1\nkind: %s\nmetadata: { name: %s%s }\nspec:\n", kind, name, more > file
}
BEGIN {
    per_host = 64; hosts = 16
    for (vm = 0; vm < machines; vm++) {
        host = int(vm / per_host); cluster = int(host / hosts)
        if (vm % (per_host * hosts) == 0) {
            directory = sprintf("%s/c%05d", folder, cluster)
            system("mkdir -p " directory)
            open(directory "/cluster.yaml")
            resource("Cluster", sprintf("c%05d", cluster))
            printf "  platformVersion: \"2022\"\n  witness: fileShare\n  sharedStorage: [csv%05d]\n", cluster > file
            for (h = 0; h < hosts; h++) {
                resource("Host", sprintf("hv%07d", cluster * hosts + h))
                printf "  cluster: c%05d\n", cluster > file
                print "  processor: { model: Intel(R) Xeon(R) Gold 6348 CPU @ 2.60GHz }" > file
                print "  memory: { capacity: 1TiB }" > file
                print "  networkAdapters: [{ name: lm1, speed: 25Gbps }]" > file
                print "  virtualSwitches: [{ name: prod, type: external }]" > file
                print "  migration: { authenticationType: kerberos, performanceOption: compression, networks: [\"10.0.0.0/8\"] }" > file
            }
            resource("BackupRepository", sprintf("r%05d", cluster))
            print "  maximumConcurrentTasks: 10000" > file
            for (p = 0; p < 2; p++) {
                resource("BackupPolicy", sprintf("b%05d-%d", cluster, p))
                printf "  targets: { selector: { cluster: c%05d, half: \"%d\" } }\n", cluster, p > file
                printf "  schedule: { cron: \"%d %d * * *\", duration: 1h }\n", cluster % 60, 1 + p * 3 > file
                printf "  repository: r%05d\n  method: rct\n  retries: 2\n", cluster > file
            }
            resource("MigrationPlan", sprintf("m%05d", cluster))
            print "  schedule: { days: [Sat], start: \"12:00\", end: \"16:00\" }\n  moves:" > file
            for (m = 0; m < 8 && vm + m * per_host < machines; m++) {
                to = cluster * hosts + (m + 1) % hosts
                printf "    - { vm: vm%08d, to: hv%07d }\n", vm + m * per_host, to > file
            }
        }
        if (vm % per_host == 0) open(sprintf("%s/c%05d/hv%07d.yaml", folder, cluster, host))
        resource("VirtualMachine", sprintf("vm%08d", vm), sprintf(", labels: { cluster: c%05d, half: \"%d\" }", cluster, vm % 2))
        printf "  host: hv%07d\n  generation: 2\n  configurationVersion: \"10.0\"\n", host > file
        printf "  processor: { count: 4 }\n  memory: { startup: %dGiB }\n", 4 + vm % 3 * 4 > file
        storage = vm % 500 == 7 ? "storage: local, " : sprintf("storage: csv%05d, ", cluster)
        printf "  disks: [{ name: os, %spath: \"D:\\\\vm%08d.vhdx\", format: vhdx, size: 80GiB }]\n", storage, vm > file
        print "  networkAdapters: [{ switch: prod }]\n  automaticStopAction: shutDown" > file
    }
}'
