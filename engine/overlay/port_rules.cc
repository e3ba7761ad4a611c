#include "engine/overlay/port_rules.h"

#include <algorithm>
#include <array>

namespace p2p {

namespace {

constexpr uint16_t kFirstUserPort = 1024;

// In ascending order. From IANA's Service Name and Transport Protocol Port Number Registry, and the
// documentation of the programs that have no entry there.
constexpr std::array<uint16_t, 40> kTaken{
    1080,   // SOCKS
    1194,   // OpenVPN
    1433,   // Microsoft SQL Server
    1521,   // Oracle
    1719,   // H.323
    1720,   // H.323
    1723,   // PPTP
    1883,   // MQTT
    2049,   // NFS
    2375,   // Docker
    2379,   // etcd
    2380,   // etcd
    3128,   // Squid
    3268,   // Active Directory
    3306,   // MySQL
    3389,   // Remote Desktop
    3690,   // Subversion
    4045,   // NFS locks
    5060,   // SIP
    5061,   // SIP
    5222,   // XMPP
    5269,   // XMPP
    5432,   // PostgreSQL
    5671,   // AMQP
    5672,   // AMQP
    5900,   // VNC
    5984,   // CouchDB
    5985,   // WinRM
    6000,   // X11
    6379,   // Redis
    6443,   // Kubernetes
    6665,   // IRC
    6666,   // IRC
    6667,   // IRC
    6697,   // IRC
    9092,   // Kafka
    9100,   // printers
    9200,   // Elasticsearch
    11211,  // memcached
    27017,  // MongoDB
};
static_assert(std::is_sorted(kTaken.begin(), kTaken.end()));

}  // namespace

bool is_of_another_protocol(uint16_t port) {
  return port < kFirstUserPort || std::binary_search(kTaken.begin(), kTaken.end(), port);
}

}  // namespace p2p
