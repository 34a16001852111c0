/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The names systemd-networkd knows, versions 252 to 256, so that a file written for it is told "not
 * implemented" and a typo is told "did you mean". Names only: nothing here says what a key does. Sections
 * and keys are sorted. */

#include "keys.h"

#include <string.h>

typedef struct KnownSection {
        const char *name;
        const char *keys; /* separated by blanks */
} KnownSection;

static const KnownSection netdev_sections[] = {
        { "BareUDP", "DestinationPort EtherType" },
        { "BatmanAdvanced", "Aggregation BridgeLoopAvoidance DistributedArpTable Fragmentation "
                            "GatewayBandwidthDown GatewayBandwidthUp GatewayBandwithDown GatewayBandwithUp "
                            "GatewayMode HopPenalty OriginatorIntervalSec RoutingAlgorithm" },
        { "Bond", "ARPAllTargets ARPIPTargets ARPIntervalSec ARPValidate AdActorSystem "
                  "AdActorSystemPriority AdSelect AdUserPortKey AllSlavesActive DownDelaySec "
                  "DynamicTransmitLoadBalancing FailOverMACPolicy GratuitousARP LACPTransmitRate "
                  "LearnPacketIntervalSec MIIMonitorSec MinLinks Mode PacketsPerSlave "
                  "PrimaryReselectPolicy ResendIGMP TransmitHashPolicy UpDelaySec" },
        { "Bridge", "AgeingTimeSec DefaultPVID ForwardDelaySec GroupForwardMask HelloTimeSec "
                    "MaxAgeSec MulticastIGMPVersion MulticastQuerier MulticastSnooping Priority STP "
                    "VLANFiltering VLANProtocol" },
        { "FooOverUDP", "Encapsulation Local Peer PeerPort Port Protocol" },
        { "GENEVE", "DestinationPort FlowLabel IPDoNotFragment Id Remote TOS TTL UDP6ZeroCheckSumRx "
                    "UDP6ZeroCheckSumTx UDP6ZeroChecksumRx UDP6ZeroChecksumTx UDPChecksum" },
        { "IPVLAN", "Flags Mode" },
        { "IPVTAP", "Flags Mode" },
        { "IPoIB", "IgnoreUserspaceMulticastGroups Mode PartitionKey" },
        { "L2TP", "EncapsulationType Local PeerTunnelId Remote TunnelId UDP6CheckSumRx "
                  "UDP6CheckSumTx UDPCheckSum UDPDestinationPort UDPSourcePort" },
        { "L2TPSession", "Layer2SpecificHeader Name PeerSessionId SessionId" },
        { "MACVLAN", "BroadcastMulticastQueueLength BroadcastQueueThreshold Mode SourceMACAddress" },
        { "MACVTAP", "Mode SourceMACAddress" },
        { "MACsec", "Encrypt Port" },
        { "MACsecReceiveAssociation", "Activate Key KeyFile KeyId MACAddress PacketNumber Port" },
        { "MACsecReceiveChannel", "MACAddress Port" },
        { "MACsecTransmitAssociation", "Activate Key KeyFile KeyId PacketNumber UseForEncoding" },
        { "Match", "Architecture Credential Firmware Host KernelCommandLine KernelVersion "
                   "Virtualization" },
        { "NetDev", "Description Kind MACAddress MTUBytes Name" },
        { "Peer", "MACAddress Name" },
        { "Tap", "Group KeepCarrier MultiQueue OneQueue PacketInfo User VNetHeader" },
        { "Tun", "Group KeepCarrier MultiQueue OneQueue PacketInfo User VNetHeader" },
        { "Tunnel", "AllowLocalRemote AssignToLoopback CopyDSCP DiscoverPathMTU ERSPANDirection "
                    "ERSPANHardwareId ERSPANIndex ERSPANVersion Encapsulation EncapsulationLimit "
                    "External FOUDestinationPort FOUSourcePort FooOverUDP IPv6FlowLabel "
                    "IPv6RapidDeploymentPrefix ISATAP Independent InputKey Key Local Mode OutputKey "
                    "Remote SerializeTunneledPackets TOS TTL" },
        { "VLAN", "EgressQOSMaps GVRP Id IngressQOSMaps LooseBinding MVRP Protocol ReorderHeader" },
        { "VRF", "Table TableId" },
        { "VXCAN", "Peer" },
        { "VXLAN", "ARPProxy DestinationPort FDBAgeingSec FlowLabel GenericProtocolExtension Group "
                   "GroupPolicyExtension IPDoNotFragment Id Independent L2MissNotification "
                   "L3MissNotification Local MacLearning MaximumFDBEntries PortRange ReduceARPProxy "
                   "Remote RemoteChecksumRx RemoteChecksumTx RouteShortCircuit TOS TTL "
                   "UDP6ZeroCheckSumRx UDP6ZeroCheckSumTx UDP6ZeroChecksumRx UDP6ZeroChecksumTx "
                   "UDPCheckSum UDPChecksum VNI" },
        { "WLAN", "PhysicalDevice Type WDS" },
        { "WireGuard", "FirewallMark FwMark ListenPort PrivateKey PrivateKeyFile RouteMetric RouteTable" },
        { "WireGuardPeer", "AllowedIPs Endpoint PersistentKeepalive PresharedKey PresharedKeyFile PublicKey "
                           "RouteMetric RouteTable" },
        { "Xfrm", "Independent InterfaceId" },
};

static const KnownSection network_sections[] = {
        { "Address", "AddPrefixRoute Address AutoJoin Broadcast DuplicateAddressDetection HomeAddress "
                     "Label ManageTemporaryAddress NFTSet NetLabel Peer PreferredLifetime PrefixRoute "
                     "RouteMetric Scope" },
        { "BFIFO", "Handle LimitBytes Parent" },
        { "Bridge", "AllowPortToBeRoot Cost FastLeave HairPin Isolated Learning Locked "
                    "MACAuthenticationBypass MulticastFlood MulticastRouter MulticastToUnicast "
                    "NeighborSuppression Priority ProxyARP ProxyARPWiFi UnicastFlood UseBPDU "
                    "VLANTunnel" },
        { "BridgeFDB", "AssociatedWith Destination MACAddress OutgoingInterface VLANId VNI" },
        { "BridgeMDB", "MulticastGroupAddress VLANId" },
        { "BridgeVLAN", "EgressUntagged PVID VLAN" },
        { "CAKE", "AutoRateIngress Bandwidth CompensationMode FirewallMark FlowIsolationMode Handle "
                  "MPUBytes NAT OverheadBytes Parent PriorityQueueingPreset SplitGSO "
                  "UseRawPacketSize Wash" },
        { "CAN", "BitRate BusErrorReporting ClassicDataLengthCode DataBitRate "
                 "DataPhaseBufferSegment1 DataPhaseBufferSegment2 DataPropagationSegment "
                 "DataSamplePoint DataSyncJumpWidth DataTimeQuantaNSec FDMode FDNonISO ListenOnly "
                 "Loopback OneShot PhaseBufferSegment1 PhaseBufferSegment2 PresumeACK "
                 "PropagationSegment RestartSec SamplePoint SyncJumpWidth Termination "
                 "TimeQuantaNSec TripleSampling" },
        { "ControlledDelay", "CEThresholdSec ECN Handle IntervalSec PacketLimit Parent TargetSec" },
        { "DHCP", "Anonymize ClientIdentifier CriticalConnection DUIDRawData DUIDType "
                  "ForceDHCPv6PDOtherInformation Hostname IAID ListenPort RapidCommit "
                  "RequestBroadcast RouteMetric RouteTable SendHostname UseDNS UseDomainName "
                  "UseDomains UseHostname UseMTU UseNTP UseRoutes UseTimezone UserClass "
                  "VendorClassIdentifier" },
        { "DHCPPrefixDelegation",
          "Announce Assign ManageTemporaryAddress NFTSet NetLabel RouteMetric SubnetId "
          "Token UplinkInterface" },
        { "DHCPServer", "BindToInterface BootFilename BootServerAddress BootServerName DNS "
                        "DefaultLeaseTimeSec Domain EmitDNS EmitLPR EmitNTP EmitPOP3 EmitRouter EmitSIP "
                        "EmitSMTP EmitTimezone HostName IPv6OnlyPreferredSec LPR LocalLeaseDomain "
                        "MaxLeaseTimeSec NTP POP3 PersistLeases PoolOffset PoolSize RapidCommit "
                        "RelayAgentCircuitId RelayAgentRemoteId RelayTarget Router SIP SMTP SendOption "
                        "SendVendorOption ServerAddress Timezone UplinkInterface" },
        { "DHCPServerStaticLease", "Address MACAddress" },
        { "DHCPv4", "AllowList Anonymize BOOTP BlackList ClientIdentifier CriticalConnection "
                    "DUIDRawData DUIDType DenyList FallbackLeaseLifetimeSec Hostname IAID "
                    "IPServiceType IPv6OnlyMode InitialAdvertisedReceiveWindow "
                    "InitialCongestionWindow Label ListenPort MUDURL MaxAttempts NFTSet NetLabel "
                    "QuickAck RequestAddress RequestBroadcast RequestOptions RouteMTUBytes "
                    "RouteMetric RouteTable RoutesToDNS RoutesToNTP SendDecline SendHostname "
                    "SendOption SendRelease SendVendorOption Use6RD UseCaptivePortal UseDNR UseDNS "
                    "UseDomainName UseDomains UseGateway UseHostname UseMTU UseNTP UseRoutes UseSIP "
                    "UseTimezone UserClass VendorClassIdentifier" },
        { "DHCPv6", "DUIDRawData DUIDType ForceDHCPv6PDOtherInformation IAID MUDURL NFTSet NetLabel "
                    "PrefixDelegationHint RapidCommit RequestOptions RouteMetric SendOption "
                    "SendRelease SendVendorOption UseAddress UseCaptivePortal UseDNR UseDNS "
                    "UseDelegatedPrefix UseDomains UseHostname UseNTP UseSIP UserClass VendorClass "
                    "WithoutRA" },
        { "DHCPv6PrefixDelegation", "Announce Assign ManageTemporaryAddress RouteMetric SubnetId Token" },
        { "DeficitRoundRobinScheduler", "Handle Parent" },
        { "DeficitRoundRobinSchedulerClass", "ClassId Parent QuantumBytes" },
        { "EnhancedTransmissionSelection", "Bands Handle Parent PriorityMap QuantumBytes StrictBands" },
        { "FairQueueing", "Buckets CEThresholdSec FlowLimit InitialQuantum InitialQuantumBytes MaximumRate "
                          "OrphanMask Pacing PacketLimit Quantum QuantumBytes" },
        { "FairQueueingControlledDelay",
          "CEThresholdSec ECN Flows Handle IntervalSec MemoryLimit MemoryLimitBytes "
          "PacketLimit Parent Quantum QuantumBytes TargetSec" },
        { "FlowQueuePIE", "Handle PacketLimit Parent" },
        { "GenericRandomEarlyDetection", "DefaultVirtualQueue GenericRIO Handle Parent VirtualQueues" },
        { "HeavyHitterFilter", "Handle PacketLimit Parent" },
        { "HierarchyTokenBucket", "DefaultClass Handle Parent RateToQuantum" },
        { "HierarchyTokenBucketClass",
          "BufferBytes CeilBufferBytes CeilRate ClassId MTUBytes OverheadBytes Parent "
          "Priority QuantumBytes Rate" },
        { "IPoIB", "IgnoreUserspaceMulticastGroups Mode PartitionKey" },
        { "IPv6AcceptRA", "BlackList DHCPv6Client DenyList NFTSet NetLabel PrefixAllowList PrefixDenyList "
                          "RouteAllowList RouteDenyList RouteMetric RouteTable RouterAllowList "
                          "RouterDenyList Token UseAutonomousPrefix UseCaptivePortal UseDNR UseDNS "
                          "UseDomains UseGateway UseHopLimit UseICMP6RateLimit UseMTU UseOnLinkPrefix "
                          "UsePREF64 UseReachableTime UseRedirect UseRetransmissionTime UseRoutePrefix" },
        { "IPv6AddressLabel", "Label Prefix" },
        { "IPv6NDPProxyAddress", "" },
        { "IPv6PREF64Prefix", "LifetimeSec Prefix" },
        { "IPv6Prefix", "AddressAutoconfiguration Assign OnLink PreferredLifetimeSec Prefix RouteMetric "
                        "Token ValidLifetimeSec" },
        { "IPv6PrefixDelegation", "DNS DNSLifetimeSec Domains EmitDNS EmitDomains Managed OtherInformation "
                                  "RouterLifetimeSec RouterPreference" },
        { "IPv6RoutePrefix", "LifetimeSec Route" },
        { "IPv6SendRA", "DNS DNSLifetimeSec Domains EmitDNS EmitDomains HomeAgent HomeAgentLifetimeSec "
                        "HomeAgentPreference HopLimit Managed OtherInformation RetransmitSec "
                        "RouterLifetimeSec RouterPreference UplinkInterface" },
        { "LLDP", "MUDURL" },
        { "Link", "ARP ActivationPolicy AllMulticast Group MACAddress MTUBytes Multicast "
                  "Promiscuous RequiredFamilyForOnline RequiredForOnline Unmanaged" },
        { "Match", "Architecture BSSID Credential Driver Firmware Host KernelCommandLine "
                   "KernelVersion Kind MACAddress Name Path PermanentMACAddress Property SSID Type "
                   "Virtualization WLANInterfaceType" },
        { "Neighbor", "Address LinkLayerAddress MACAddress" },
        { "Network", "ActiveSlave Address BatmanAdvanced BindCarrier Bond Bridge "
                     "ConfigureWithoutCarrier DHCP DHCPPrefixDelegation DHCPServer "
                     "DHCPv6PrefixDelegation DNS DNSDefaultRoute DNSOverTLS DNSSEC "
                     "DNSSECNegativeTrustAnchors DefaultRouteOnDevice Description Domains EmitLLDP "
                     "Gateway IPForward IPMasquerade IPVLAN IPVTAP IPoIB IPv4AcceptLocal "
                     "IPv4DuplicateAddressDetectionTimeoutSec IPv4Forwarding IPv4LL IPv4LLRoute "
                     "IPv4LLStartAddress IPv4ProxyARP IPv4ProxyARPPrivateVLAN IPv4ReversePathFilter "
                     "IPv4RouteLocalnet IPv6AcceptRA IPv6AcceptRouterAdvertisements "
                     "IPv6DuplicateAddressDetection IPv6Forwarding IPv6HopLimit "
                     "IPv6LinkLocalAddressGenerationMode IPv6MTUBytes IPv6PrefixDelegation "
                     "IPv6PrivacyExtensions IPv6ProxyNDP IPv6ProxyNDPAddress IPv6RetransmissionTimeSec "
                     "IPv6SendRA IPv6StableSecretAddress IPv6Token IgnoreCarrierLoss KeepConfiguration "
                     "KeepMaster L2TP LLDP LLMNR LinkLocalAddressing MACVLAN MACVTAP MACsec "
                     "MPLSRouting MulticastDNS NTP PrimarySlave ProxyARP Tunnel UseDomains VLAN VRF "
                     "VXLAN Xfrm" },
        { "NetworkEmulator", "DelayJitterSec DelaySec DuplicateRate Handle LossRate PacketLimit Parent" },
        { "NextHop", "Blackhole Family Gateway Group Id OnLink" },
        { "PFIFO", "Handle PacketLimit Parent" },
        { "PFIFOFast", "Handle Parent" },
        { "PFIFOHeadDrop", "Handle PacketLimit Parent" },
        { "PIE", "Handle PacketLimit Parent" },
        { "QDisc", "Handle Parent" },
        { "QuickFairQueueing", "Handle Parent" },
        { "QuickFairQueueingClass", "ClassId MaxPacketBytes Parent Weight" },
        { "Route", "Destination FastOpenNoCookie Gateway GatewayOnLink GatewayOnlink HopLimit "
                   "IPv6Preference InitialAdvertisedReceiveWindow InitialCongestionWindow MTUBytes "
                   "Metric MultiPathRoute NextHop PreferredSource Protocol QuickAck Scope Source "
                   "TCPAdvertisedMaximumSegmentSize TCPCongestionControlAlgorithm "
                   "TCPRetransmissionTimeoutSec TTLPropagate Table Type" },
        { "RoutingPolicyRule",
          "DestinationPort Family FirewallMark From GoTo IPProtocol IncomingInterface "
          "InvertRule L3MasterDevice OutgoingInterface Priority SourcePort "
          "SuppressInterfaceGroup SuppressPrefixLength Table To Type TypeOfService User" },
        { "SR-IOV", "LinkState MACAddress MACSpoofCheck QualityOfService QueryReceiveSideScaling "
                    "Trust VLANId VLANProtocol VirtualFunction" },
        { "StochasticFairBlue", "Handle PacketLimit Parent" },
        { "StochasticFairnessQueueing", "Handle Parent PerturbPeriodSec" },
        { "TokenBucketFilter",
          "Burst BurstBytes Handle LatencySec LimitBytes LimitSize MPUBytes MTUBytes Parent "
          "PeakRate Rate" },
        { "TrafficControlQueueingDiscipline",
          "NetworkEmulatorDelayJitterSec NetworkEmulatorDelaySec "
          "NetworkEmulatorDuplicateRate NetworkEmulatorLossRate NetworkEmulatorPacketLimit "
          "Parent" },
        { "TrivialLinkEqualizer", "Handle Id Parent" },
};

static const KnownSection *find_section(FileType type, const char *section) {
        const KnownSection *table = type == FILE_NETDEV ? netdev_sections : network_sections;
        size_t n = type == FILE_NETDEV ? ELEMENTSOF(netdev_sections) : ELEMENTSOF(network_sections);

        for (size_t i = 0; i < n; i++)
                if (strcmp(table[i].name, section) == 0)
                        return table + i;
        return NULL;
}

int networkd_has_section(FileType type, const char *section) {
        return !!find_section(type, section);
}

int networkd_has_key(FileType type, const char *section, const char *key) {
        const KnownSection *s = find_section(type, section);
        size_t length = strlen(key);

        if (!s || strchr(key, ' '))
                return 0;

        for (const char *p = s->keys; *p; p += strcspn(p, " "), p += *p == ' ')
                if (strcspn(p, " ") == length && memcmp(p, key, length) == 0)
                        return 1;
        return 0;
}

int networkd_sections(FileType type, char ***ret) {
        const KnownSection *table = type == FILE_NETDEV ? netdev_sections : network_sections;
        size_t n = type == FILE_NETDEV ? ELEMENTSOF(netdev_sections) : ELEMENTSOF(network_sections);
        _cleanup_(strv_freep) char **list = NULL;
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++)
                r = strv_append(&list, table[i].name);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(list);
        return 0;
}

int networkd_keys(FileType type, const char *section, char ***ret) {
        const KnownSection *s = find_section(type, section);
        _cleanup_(strv_freep) char **list = NULL;
        int r = 0;

        for (const char *p = s ? s->keys : ""; *p && r >= 0; p += strcspn(p, " "), p += *p == ' ')
                r = strv_consume(&list, strndup(p, strcspn(p, " ")));
        if (r < 0)
                return r;

        *ret = TAKE_PTR(list);
        return 0;
}
