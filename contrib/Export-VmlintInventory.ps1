<#
.SYNOPSIS
    Writes clusters, hosts and virtual machines of Hyper-V as YAML that vmlint reads.

.DESCRIPTION
    Asks Hyper-V and failover clustering what there is, and writes it in the native format of vmlint
    (apiVersion vmlint.dev/v1): one document for each cluster, host and virtual machine.

    It only reads: all cmdlets it calls are Get-*. What a host cannot say (an older release, a missing
    module) is left out with a warning, never guessed.

    Runs in Windows PowerShell 5.1 and in PowerShell 7, on Windows, with the modules Hyper-V and, for
    clusters, FailoverClusters. The account needs to be in Hyper-V Administrators on each host, and to
    have read access to the cluster.

.PARAMETER Cluster
    Failover clusters to export, with all of their nodes.

.PARAMETER ComputerName
    Hosts to export, beside those of the clusters. Without -Cluster and -ComputerName: this one, and the
    cluster it is in.

.PARAMETER Path
    The file to write, as UTF-8. Without it the YAML is the output of the script.

.PARAMETER Namespace
    The namespace of the virtual machines. Two machines of one name are put into namespaces of their
    hosts.

.EXAMPLE
    .\Export-VmlintInventory.ps1 -Cluster PROD-A -Path inventory\prod-a.yaml

.EXAMPLE
    .\Export-VmlintInventory.ps1 -ComputerName hv01, hv02 | vmlint check -

.LINK
    https://learn.microsoft.com/powershell/module/hyper-v/
.LINK
    https://learn.microsoft.com/powershell/module/failoverclusters/
#>
#Requires -Version 5.1
[CmdletBinding()]
param(
    [Parameter()]
    [string[]] $Cluster = @(),

    [Parameter()]
    [string[]] $ComputerName = @(),

    [Parameter()]
    [string] $Path,

    [Parameter()]
    [string] $Namespace
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

# Words that YAML 1.1 or 1.2 does not read as text.
$script:Reserved = @('true', 'false', 'null', 'yes', 'no', 'on', 'off', 'y', 'n')

function ConvertTo-YamlText {
    # A text as a YAML scalar. Single quotes take everything but line breaks and control characters
    # literally (https://yaml.org/spec/1.2.2/#732-single-quoted-style), which suits paths of Windows.
    param([AllowEmptyString()][string] $Text)

    if ($Text -cmatch '^[A-Za-z][A-Za-z0-9_.-]*$' -and $script:Reserved -notcontains $Text) {
        return $Text
    }
    if ($Text -cnotmatch '[\x00-\x1F\x7F-\x9F\u2028\u2029\uFEFF]') {
        return "'" + $Text.Replace("'", "''") + "'"
    }
    $escaped = New-Object System.Text.StringBuilder
    foreach ($char in $Text.ToCharArray()) {
        $code = [int] $char
        if ($char -eq [char] '"' -or $char -eq [char] '\') {
            [void] $escaped.Append('\').Append($char)
        } elseif ($code -lt 0x20 -or ($code -ge 0x7F -and $code -le 0x9F) -or $code -eq 0x2028 -or $code -eq 0x2029 -or $code -eq 0xFEFF) {
            [void] $escaped.Append('\u').Append($code.ToString('X4'))
        } else {
            [void] $escaped.Append($char)
        }
    }
    return '"' + $escaped.ToString() + '"'
}

function ConvertTo-YamlValue {
    param($Value)

    if ($Value -is [bool]) {
        if ($Value) { return 'true' } else { return 'false' }
    }
    if ($Value -is [int] -or $Value -is [long] -or $Value -is [uint32] -or $Value -is [uint64]) {
        return $Value.ToString([System.Globalization.CultureInfo]::InvariantCulture)
    }
    return ConvertTo-YamlText ([string] $Value)
}

function ConvertTo-YamlLines {
    # Block style: an ordered dictionary is a mapping, a list a sequence. Null and what is empty is
    # left out by the callers.
    param($Value, [int] $Indent)

    $space = ' ' * $Indent
    if ($Value -is [System.Collections.IDictionary]) {
        foreach ($key in $Value.Keys) {
            $item = $Value[$key]
            if ($item -is [System.Collections.IDictionary] -or $item -is [System.Collections.IList]) {
                "$space${key}:"
                ConvertTo-YamlLines -Value $item -Indent ($Indent + 2)
            } else {
                "$space${key}: " + (ConvertTo-YamlValue $item)
            }
        }
        return
    }
    foreach ($item in $Value) {
        if ($item -is [System.Collections.IDictionary]) {
            $lines = @(ConvertTo-YamlLines -Value $item -Indent ($Indent + 2))
            "$space- " + $lines[0].TrimStart()
            if ($lines.Count -gt 1) { $lines[1..($lines.Count - 1)] }
        } else {
            "$space- " + (ConvertTo-YamlValue $item)
        }
    }
}

function Add-Known {
    # Adds an entry unless nothing is known of it.
    param([System.Collections.IDictionary] $To, [string] $Key, $Value)

    if ($null -eq $Value) { return }
    if ($Value -is [string] -and $Value -eq '') { return }
    if (($Value -is [System.Collections.IDictionary] -or $Value -is [System.Collections.IList]) -and $Value.Count -eq 0) { return }
    $To[$Key] = $Value
}

function Get-Property {
    # A property that only some releases have.
    param($Object, [string] $Name)

    if ($null -eq $Object) { return $null }
    $property = $Object.PSObject.Properties[$Name]
    if ($null -eq $property) { return $null }
    return $property.Value
}

function Invoke-Query {
    # What a query gives; nothing, and a warning, where it fails. A cmdlet that this release does not
    # have fails with CommandNotFoundException, and is no reason for a warning.
    param([string] $What, [scriptblock] $Query)

    try {
        return @(& $Query | Where-Object { $null -ne $_ })
    } catch [System.Management.Automation.CommandNotFoundException] {
        Write-Verbose "${What}: $($_.Exception.Message)"
    } catch {
        Write-Warning "${What}: $($_.Exception.Message)"
    }
    return @()
}

function New-Document {
    param([string] $Kind, [string] $Name, [string] $InNamespace, [System.Collections.IDictionary] $Spec)

    $metadata = [ordered] @{ name = $Name }
    Add-Known $metadata 'namespace' $InNamespace
    $document = [ordered] @{
        apiVersion = 'vmlint.dev/v1'
        kind       = $Kind
        metadata   = $metadata
    }
    Add-Known $document 'spec' $Spec
    return $document
}

function Get-PlatformVersion {
    # https://learn.microsoft.com/windows-server/get-started/windows-server-release-info
    param([string] $Build)

    switch ($Build) {
        '7600' { return '2008R2' }
        '7601' { return '2008R2' }
        '9200' { return '2012' }
        '9600' { return '2012R2' }
        '14393' { return '2016' }
        '17763' { return '2019' }
        '20348' { return '2022' }
        '26100' { return '2025' }
    }
    return $null
}

function Get-ClusterDocument {
    param([string] $Name)

    $found = Get-Cluster -Name $Name
    $spec = [ordered] @{}
    Add-Known $spec 'hosts' @(Get-ClusterNode -Cluster $Name | ForEach-Object { $_.Name })
    # Overrides the limits of the hosts since an update of September 2022:
    # https://techcommunity.microsoft.com/blog/failoverclustering/new-cluster-wide-control-for-vm-live-migrations/3709680
    $limit = Get-Property $found 'MaximumParallelMigrations'
    if ($null -ne $limit) { $spec['maximumParallelMigrations'] = [int] $limit }
    if ([int] (Get-Property $found 'ClusterEnforcedAntiAffinity') -eq 1) { $spec['enforcedAntiAffinity'] = $true }
    $quorum = @(Invoke-Query "quorum of $Name" { Get-ClusterQuorum -Cluster $Name })
    if ($quorum.Count -gt 0) {
        $witness = $quorum[0].QuorumResource
        if ($null -eq $witness) {
            $spec['witness'] = 'none'
        } else {
            # The type is not translated, as the name is.
            switch ([string] $witness.ResourceType) {
                'Physical Disk' { $spec['witness'] = 'disk' }
                'File Share Witness' { $spec['witness'] = 'fileShare' }
                'Cloud Witness' { $spec['witness'] = 'cloud' }
                default { Write-Warning "witness of ${Name}: the type '$_' is not known" }
            }
        }
    }
    $volumes = @(Invoke-Query "volumes of $Name" { Get-ClusterSharedVolume -Cluster $Name })
    $names = foreach ($volume in $volumes) {
        foreach ($information in @($volume.SharedVolumeInfo)) {
            Split-Path -Path $information.FriendlyVolumeName -Leaf
        }
    }
    Add-Known $spec 'sharedStorage' @($names)
    return New-Document -Kind 'Cluster' -Name $found.Name -Spec $spec
}

function Get-HostAdapter {
    # Physical adapters that are up. Which kind of RDMA one does is a property of its driver, with a
    # standard keyword: 1 iWARP, 3 RoCE, 4 RoCEv2
    # (https://learn.microsoft.com/windows-hardware/drivers/network/inf-requirements-for-ndkpi).
    param([string] $Computer)

    $adapters = @(Invoke-Query "adapters of $Computer" { Get-NetAdapter -CimSession $Computer -Physical })
    $rdma = @(Invoke-Query "RDMA of $Computer" { Get-NetAdapterRdma -CimSession $Computer })
    $listed = foreach ($adapter in $adapters) {
        if ([string] $adapter.Status -ne 'Up') { continue }
        $entry = [ordered] @{ name = [string] $adapter.Name }
        $speed = Get-Property $adapter 'Speed'
        if ($speed -gt 0) { $entry['speed'] = "${speed}bps" }
        $enabled = @($rdma | Where-Object { $_.Name -eq $adapter.Name -and $_.Enabled })
        if ($enabled.Count -gt 0) {
            $name = $adapter.Name
            $technology = @(Invoke-Query "RDMA of $name" {
                Get-NetAdapterAdvancedProperty -CimSession $Computer -Name $name -RegistryKeyword '*NetworkDirectTechnology'
            })
            $value = ''
            if ($technology.Count -gt 0) { $value = [string] @($technology[0].RegistryValue)[0] }
            switch ($value) {
                '1' { $entry['rdma'] = 'iwarp' }
                '3' { $entry['rdma'] = 'roce' }
                '4' { $entry['rdma'] = 'roce' }
                # A placeholder is unknown to vmlint, where an absent value would be none.
                default { $entry['rdma'] = '{{ unknown }}' }
            }
        }
        $entry
    }
    return @($listed)
}

function Get-HostDocument {
    # $Limited says that the cluster has a limit, which overrides that of its hosts.
    param([string] $Computer, [string] $OfCluster, [bool] $Limited)

    $found = Get-VMHost -ComputerName $Computer
    $spec = [ordered] @{}
    Add-Known $spec 'cluster' $OfCluster
    $system = @(Invoke-Query "release of $Computer" { Get-CimInstance -ClassName Win32_OperatingSystem -ComputerName $Computer })
    if ($system.Count -gt 0) { Add-Known $spec 'platformVersion' (Get-PlatformVersion $system[0].BuildNumber) }
    $processor = [ordered] @{}
    $processors = @(Invoke-Query "processor of $Computer" { Get-CimInstance -ClassName Win32_Processor -ComputerName $Computer })
    if ($processors.Count -gt 0) {
        switch ([string] $processors[0].Manufacturer) {
            'GenuineIntel' { $processor['vendor'] = 'intel' }
            'AuthenticAMD' { $processor['vendor'] = 'amd' }
        }
        Add-Known $processor 'model' ([string] $processors[0].Name).Trim()
    }
    Add-Known $spec 'processor' $processor
    $capacity = Get-Property $found 'MemoryCapacity'
    if ($capacity -gt 0) { $spec['memory'] = [ordered] @{ capacity = [long] $capacity } }
    Add-Known $spec 'networkAdapters' @(Get-HostAdapter $Computer)
    $switches = foreach ($switch in (Invoke-Query "switches of $Computer" { Get-VMSwitch -ComputerName $Computer })) {
        $entry = [ordered] @{
            name = [string] $switch.Name
            type = ([string] $switch.SwitchType).ToLowerInvariant()
        }
        if (Get-Property $switch 'IovEnabled') { $entry['iov'] = $true }
        $entry
    }
    Add-Known $spec 'virtualSwitches' @($switches)
    # https://learn.microsoft.com/powershell/module/hyper-v/set-vmhost
    $migration = [ordered] @{ enabled = [bool] $found.VirtualMachineMigrationEnabled }
    if (-not $Limited) { $migration['maximumVirtualMachineMigrations'] = [int] $found.MaximumVirtualMachineMigrations }
    $migration['authenticationType'] = ([string] $found.VirtualMachineMigrationAuthenticationType).ToLowerInvariant()
    $option = Get-Property $found 'VirtualMachineMigrationPerformanceOption'
    if ($null -ne $option) { $migration['performanceOption'] = ([string] $option).ToLowerInvariant() }
    $migration['useAnyNetwork'] = [bool] $found.UseAnyNetworkForMigration
    $networks = @(Invoke-Query "migration networks of $Computer" { Get-VMMigrationNetwork -ComputerName $Computer })
    Add-Known $migration 'networks' @($networks | ForEach-Object { [string] $_.Subnet })
    $spec['migration'] = $migration
    return New-Document -Kind 'Host' -Name $found.Name -Spec $spec
}

function Get-MachineDisk {
    param($Machine)

    $drives = @(Invoke-Query "disks of $($Machine.Name)" { Get-VMHardDiskDrive -VM $Machine })
    $listed = foreach ($drive in $drives) {
        $entry = [ordered] @{}
        if ($null -ne (Get-Property $drive 'DiskNumber')) {
            # A physical disk: its path says which, in words of the system's language.
            $entry['format'] = 'passThrough'
        } elseif ($drive.Path) {
            $entry['path'] = [string] $drive.Path
            switch ([System.IO.Path]::GetExtension($drive.Path).ToLowerInvariant()) {
                # Differencing disks of checkpoints have the format of what they differ from.
                '.vhdx' { $entry['format'] = 'vhdx' }
                '.avhdx' { $entry['format'] = 'vhdx' }
                '.vhd' { $entry['format'] = 'vhd' }
                '.avhd' { $entry['format'] = 'vhd' }
                '.vhds' { $entry['format'] = 'vhds' }
            }
        } else {
            continue
        }
        $entry
    }
    return @($listed)
}

function Get-MachineDevice {
    param($Machine)

    $listed = @()
    $name = $Machine.Name
    foreach ($device in (Invoke-Query "devices of $name" { Get-VMAssignableDevice -VM $Machine })) {
        $listed += [ordered] @{ type = 'pci'; assignment = 'dda' }
    }
    foreach ($device in (Invoke-Query "GPU partitions of $name" { Get-VMGpuPartitionAdapter -VM $Machine })) {
        $listed += [ordered] @{ type = 'gpu'; assignment = 'partition' }
    }
    foreach ($device in (Invoke-Query "fibre channel of $name" { Get-VMFibreChannelHba -VM $Machine })) {
        $listed += [ordered] @{ type = 'fibreChannel' }
    }
    return $listed
}

function Get-MachineDocument {
    # $Role is what the cluster says of it; nothing where it is no role.
    param($Machine, [string] $OnHost, $Role, [bool] $InCluster, [string] $InNamespace)

    $name = $Machine.Name
    $spec = [ordered] @{ host = $OnHost }
    if ($InCluster) { $spec['highlyAvailable'] = ($null -ne $Role) }
    if ($null -ne $Role) { Add-Known $spec 'priority' $Role['priority'] }
    # A paused machine has its memory on its host, as a running one.
    switch ([string] $Machine.State) {
        'Off' { $spec['state'] = 'off' }
        'Saved' { $spec['state'] = 'saved' }
        default { $spec['state'] = 'running' }
    }
    $generation = Get-Property $Machine 'Generation'
    if ($generation) { $spec['generation'] = [int] $generation }
    Add-Known $spec 'configurationVersion' ([string] (Get-Property $Machine 'Version'))
    $processors = @(Invoke-Query "processors of $name" { Get-VMProcessor -VM $Machine })
    if ($processors.Count -gt 0) {
        $processor = [ordered] @{
            count                            = [int] $processors[0].Count
            compatibilityForMigrationEnabled = [bool] $processors[0].CompatibilityForMigrationEnabled
        }
        if (Get-Property $processors[0] 'ExposeVirtualizationExtensions') {
            $processor['exposeVirtualizationExtensions'] = $true
        }
        $spec['processor'] = $processor
    }
    $memories = @(Invoke-Query "memory of $name" { Get-VMMemory -VM $Machine })
    if ($memories.Count -gt 0) {
        $memory = [ordered] @{ startup = [long] $memories[0].Startup }
        if ($memories[0].DynamicMemoryEnabled) {
            $memory['minimum'] = [long] $memories[0].Minimum
            $memory['maximum'] = [long] $memories[0].Maximum
        }
        $spec['memory'] = $memory
    }
    Add-Known $spec 'disks' @(Get-MachineDisk $Machine)
    $images = @(Invoke-Query "DVD drives of $name" { Get-VMDvdDrive -VM $Machine } | Where-Object { $_.Path })
    if ($images.Count -gt 0) { $spec['dvd'] = [string] $images[0].Path }
    $adapters = foreach ($adapter in (Invoke-Query "adapters of $name" { Get-VMNetworkAdapter -VM $Machine })) {
        $entry = [ordered] @{ name = [string] $adapter.Name }
        Add-Known $entry 'switch' ([string] $adapter.SwitchName)
        if ((Get-Property $adapter 'IovWeight') -gt 0) { $entry['sriov'] = $true }
        $entry
    }
    Add-Known $spec 'networkAdapters' @($adapters)
    Add-Known $spec 'devices' @(Get-MachineDevice $Machine)
    if ($null -ne $Role) {
        foreach ($key in 'possibleOwners', 'preferredOwners', 'antiAffinity') {
            Add-Known $spec $key $Role[$key]
        }
    }
    # The names of integration services are translated, the last part of their identity is not: this
    # one is "Backup (volume shadow copy)".
    $services = @(Invoke-Query "integration services of $name" { Get-VMIntegrationService -VM $Machine })
    $backup = @($services | Where-Object { $_.Id -like '*5CED1297-4598-4915-A5FC-AD21BB4D02A4' })
    if ($backup.Count -gt 0) { $spec['integrationServices'] = [ordered] @{ vss = [bool] $backup[0].Enabled } }
    switch ([string] (Get-Property $Machine 'CheckpointType')) {
        'Production' { $spec['checkpointType'] = 'production' }
        'ProductionOnly' { $spec['checkpointType'] = 'productionOnly' }
        'Standard' { $spec['checkpointType'] = 'standard' }
        'Disabled' { $spec['checkpointType'] = 'disabled' }
    }
    switch ([string] $Machine.AutomaticStopAction) {
        'Save' { $spec['automaticStopAction'] = 'save' }
        'TurnOff' { $spec['automaticStopAction'] = 'turnOff' }
        'ShutDown' { $spec['automaticStopAction'] = 'shutDown' }
    }
    return New-Document -Kind 'VirtualMachine' -Name $name -InNamespace $InNamespace -Spec $spec
}

function Get-ClusterRole {
    # What a cluster says of its virtual machines, by their identity.
    param([string] $Name)

    $roles = @{}
    $nodes = @(Get-ClusterNode -Cluster $Name | ForEach-Object { $_.Name })
    $groups = @{}
    foreach ($group in @(Get-ClusterGroup -Cluster $Name | Where-Object { [string] $_.GroupType -eq 'VirtualMachine' })) {
        $groups[[string] $group.Name] = $group
    }
    foreach ($resource in @(Get-ClusterResource -Cluster $Name | Where-Object { [string] $_.ResourceType -eq 'Virtual Machine' })) {
        $group = $groups[[string] $resource.OwnerGroup]
        if ($null -eq $group) { continue }
        $identity = [string] ($resource | Get-ClusterParameter -Name 'VmId').Value
        $role = @{ priority = $null; possibleOwners = $null; preferredOwners = $null; antiAffinity = $null }
        # https://learn.microsoft.com/previous-versions/windows/desktop/mscs/groups-priority
        switch ([int] $group.Priority) {
            3000 { $role['priority'] = 'high' }
            2000 { $role['priority'] = 'medium' }
            1000 { $role['priority'] = 'low' }
            0 { $role['priority'] = 'noAutoStart' }
        }
        $possible = @(Invoke-Query "possible owners of $($group.Name)" { $resource | Get-ClusterOwnerNode })
        $owners = @($possible | ForEach-Object { $_.OwnerNodes } | ForEach-Object { $_.Name })
        if ($owners.Count -gt 0 -and $owners.Count -lt $nodes.Count) { $role['possibleOwners'] = $owners }
        $preferred = @(Invoke-Query "preferred owners of $($group.Name)" { $group | Get-ClusterOwnerNode })
        $role['preferredOwners'] = @($preferred | ForEach-Object { $_.OwnerNodes } | ForEach-Object { $_.Name })
        $role['antiAffinity'] = @(Get-Property $group 'AntiAffinityClassNames' | Where-Object { $_ } | ForEach-Object { [string] $_ })
        $roles[$identity.ToLowerInvariant()] = $role
    }
    return $roles
}

if ($Cluster.Count -eq 0 -and $ComputerName.Count -eq 0) {
    $ComputerName = @([System.Environment]::MachineName)
    try {
        $own = Get-Cluster
        if ($null -ne $own) {
            $Cluster = @([string] $own.Name)
            $ComputerName = @()
        }
    } catch {
        Write-Verbose "this host is in no cluster: $($_.Exception.Message)"
    }
}

$documents = New-Object System.Collections.ArrayList
$machines = New-Object System.Collections.ArrayList
$places = New-Object System.Collections.ArrayList
foreach ($name in $Cluster) {
    $document = Get-ClusterDocument $name
    [void] $documents.Add($document)
    $roles = Get-ClusterRole $name
    $limited = $document['spec'].Contains('maximumParallelMigrations')
    foreach ($node in @(Get-ClusterNode -Cluster $name)) {
        [void] $places.Add(@{
                computer = [string] $node.Name
                cluster  = $document['metadata']['name']
                roles    = $roles
                limited  = $limited
            })
    }
}
foreach ($computer in $ComputerName) {
    $known = @($places | Where-Object { $_['computer'] -eq $computer })
    if ($known.Count -eq 0) { [void] $places.Add(@{ computer = $computer; cluster = ''; roles = @{}; limited = $false }) }
}
foreach ($place in $places) {
    $computer = $place['computer']
    try {
        $document = Get-HostDocument -Computer $computer -OfCluster $place['cluster'] -Limited $place['limited']
        [void] $documents.Add($document)
        foreach ($machine in @(Get-VM -ComputerName $computer)) {
            $role = $place['roles'][([string] $machine.Id).ToLowerInvariant()]
            [void] $machines.Add(@{ machine = $machine; host = $document['metadata']['name']; role = $role; clustered = ($place['cluster'] -ne '') })
        }
    } catch {
        # One that is down must not hide the others.
        Write-Warning "${computer}: $($_.Exception.Message)"
    }
}
$names = @($machines | ForEach-Object { $_['machine'].Name })
foreach ($entry in $machines) {
    $name = $entry['machine'].Name
    $space = $Namespace
    if (@($names | Where-Object { $_ -eq $name }).Count -gt 1) { $space = $entry['host'] }
    [void] $documents.Add((Get-MachineDocument -Machine $entry['machine'] -OnHost $entry['host'] -Role $entry['role'] -InCluster $entry['clustered'] -InNamespace $space))
}

$lines = New-Object System.Collections.ArrayList
[void] $lines.Add('# Written by Export-VmlintInventory.ps1')
foreach ($document in $documents) {
    [void] $lines.Add('---')
    foreach ($line in @(ConvertTo-YamlLines -Value $document -Indent 0)) { [void] $lines.Add($line) }
}
$text = ($lines -join "`n") + "`n"
if ($Path) {
    # Without a byte-order mark, which Set-Content of Windows PowerShell 5.1 would write.
    $full = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
    [System.IO.File]::WriteAllText($full, $text, (New-Object System.Text.UTF8Encoding($false)))
} else {
    $text
}
