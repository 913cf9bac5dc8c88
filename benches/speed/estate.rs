//! Estates as people write them: files of about 10 KB in block style over many lines, with
//! comments, and between them files of other tools. The same number gives the same bytes.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// Files of one branch office: of each ten, eight are ours.
const BRANCH: usize = 10;
/// Machines in a file.
const MACHINES: usize = 10;
/// Hosts of a branch.
const HOSTS: usize = 12;

/// Writes an estate of so many files below `folder`, and answers how many bytes it has.
pub(crate) fn write(folder: &Path, files: usize) -> io::Result<usize> {
    let mut bytes = 0;
    for index in 0..files {
        let (branch, part) = (index / BRANCH, index % BRANCH);
        let (name, text) = match part {
            0 => ("cluster", cluster(branch)),
            1 => ("plans", plans(branch)),
            2 => ("backups", backups(branch)),
            3 => ("deployment", deployment(branch)),
            4 => ("playbook", playbook(branch)),
            _ => ("machines", machines(branch, part - 5)),
        };
        let folder = folder.join(format!("branch-{branch:04}"));
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(format!("{part}-{name}.yaml")), &text)?;
        bytes += text.len();
    }
    Ok(bytes)
}

/// Whether a file of this name is one of ours.
pub(crate) fn is_ours(name: &str) -> bool {
    !name.contains("deployment") && !name.contains("playbook")
}

/// The head of a document.
fn head(kind: &str, name: &str, branch: usize) -> String {
    format!(
        "---\napiVersion: vmlint.dev/v1\nkind: {kind}\nmetadata:\n  name: {name}\n  namespace: branch-{branch:04}\n  labels:\n    site: branch-{branch:04}\n    team: operations\n"
    )
}

fn cluster(branch: usize) -> String {
    let mut out = format!("# Branch {branch}: its cluster and hosts.\n");
    out += &head("Cluster", &format!("prod-{branch}"), branch);
    out += "spec:\n  platformVersion: \"2019\"\n  # The witness stands in the other building.\n  witness: fileShare\n  sharedStorage:\n";
    let _ = writeln!(out, "    - csv{branch}-1\n    - csv{branch}-2");
    for host in 0..HOSTS {
        out += "# Bought with the refresh of 2021, under warranty until 2028.\n";
        out += &head("Host", &format!("hv{branch}-{host}"), branch);
        let _ = write!(
            out,
            "spec:\n  cluster: prod-{branch}\n  processor:\n    model: Intel(R) Xeon(R) Gold {} CPU @ 2.60GHz\n  memory:\n    capacity: 512GiB\n  networkAdapters:\n    - name: nic1\n      speed: 25Gbps\n      rdma: roce\n    - name: nic2\n      speed: 25Gbps\n      rdma: roce\n  virtualSwitches:\n    - name: prod\n      type: external\n    - name: backup\n      type: external\n  migration:\n    maximumVirtualMachineMigrations: 2\n    authenticationType: kerberos\n    performanceOption: smb\n    networks:\n      - 10.{}.8.0/24\n",
            if host == 0 { 6348 } else { 6248 },
            branch % 250,
        );
    }
    out
}

fn machines(branch: usize, part: usize) -> String {
    let mut out = format!("# Machines of branch {branch}, part {part}.\n");
    for machine in 0..MACHINES {
        let number = part * MACHINES + machine;
        out +=
            "\n# Ask the team before it is moved: the books are closed at the end of the month.\n";
        out += &head("VirtualMachine", &format!("app{branch}-{number}"), branch);
        let _ = write!(
            out,
            "    tier: {}\n  annotations:\n    owner: \"team-{}@example.com\"\n    ticket: 'CHG-{:05}'\nspec:\n  cluster: prod-{branch}\n  host: hv{branch}-{}\n  generation: 2\n  configurationVersion: \"9.0\"\n  criticality: {}\n  processor:\n    count: {}\n    compatibilityForMigrationEnabled: {}\n  memory:\n    # Measured in the week of the closing.\n    startup: {}GiB\n    minimum: 4GiB\n    maximum: 64GiB\n    dirtyRate: {}MiB/s\n  disks:\n    - name: os\n      path: 'C:\\ClusterStorage\\csv{branch}-1\\app{branch}-{number}\\os.vhdx'\n      format: vhdx\n      size: 80GiB\n    - name: data\n      path: \"C:\\\\ClusterStorage\\\\csv{branch}-2\\\\app{branch}-{number}\\\\data.vhdx\"\n      format: vhdx\n      size: {}GiB\n  networkAdapters:\n    - switch: prod\n    - switch: backup\n  possibleOwners: [hv{branch}-0, hv{branch}-{}, hv{branch}-{}]\n  recoveryPointObjective: 24h\n  checkpointType: production\n",
            ["gold", "silver", "bronze"][number % 3],
            number % 7,
            branch * 50 + number,
            1 + number % (HOSTS - 1),
            ["normal", "high", "low"][number % 3],
            2 + number % 6,
            !number.is_multiple_of(16),
            8 + number % 3 * 4,
            20 + number % 40,
            100 + number * 7,
            1 + number % (HOSTS - 1),
            1 + (number + 1) % (HOSTS - 1),
        );
    }
    out
}

fn plans(branch: usize) -> String {
    let mut out = format!("# What moves in branch {branch}, and when hosts are patched.\n");
    for plan in 0..12 {
        out += &head("MigrationPlan", &format!("spread{branch}-{plan}"), branch);
        let _ = write!(
            out,
            "spec:\n  cluster: prod-{branch}\n  schedule:\n    days:\n      - {}\n    start: \"{:02}:15\"\n    end: \"{:02}:45\"\n    timeZone: Europe/Berlin\n  concurrency: 2\n  # Back again the week after.\n  moves:\n",
            ["Mon", "Tue", "Wed", "Thu", "Fri"][plan % 5],
            8 + plan,
            8 + plan,
        );
        for at in 0..4 {
            let number = (plan * 4 + at) % 50;
            let (from, to) = (1 + number % (HOSTS - 1), 1 + (number + 1) % (HOSTS - 1));
            let _ = writeln!(
                out,
                "    - vm: app{branch}-{number}\n      from: hv{branch}-{from}\n      to: hv{branch}-{to}\n      type: live"
            );
        }
    }
    for host in 0..6 {
        out += &head(
            "MaintenanceWindow",
            &format!("patch{branch}-{host}"),
            branch,
        );
        let _ = write!(
            out,
            "spec:\n  # One node a night; the caretaker has the phone number.\n  hosts:\n    - hv{branch}-{host}\n  schedule:\n    days: [Sun]\n    weeksOfMonth: [{}]\n    start: \"{:02}:00\"\n    end: \"{:02}:00\"\n    timeZone: Europe/Berlin\n  strategy: evacuate\n",
            1 + host % 4,
            host * 2,
            host * 2 + 2,
        );
    }
    out
}

fn backups(branch: usize) -> String {
    let mut out = format!("# Backups of branch {branch}.\n");
    out += &head("BackupRepository", &format!("repo-{branch}"), branch);
    out += "spec:\n  maximumConcurrentTasks: 16\n  bandwidth: 10Gbps\n";
    for policy in 0..25 {
        out += "# Agreed with the auditors in spring.\n";
        out += &head("BackupPolicy", &format!("nightly{branch}-{policy}"), branch);
        let _ = write!(
            out,
            "spec:\n  targets:\n    virtualMachines:\n      - app{branch}-{}\n      - app{branch}-{}\n  schedule:\n    cron: \"{} {} * * *\"\n    duration: 45m\n    timeZone: Europe/Berlin\n  method: productionCheckpoint\n  type: incremental\n  concurrency: 2\n  repository: repo-{branch}\n  retries: 1\n",
            policy * 2,
            policy * 2 + 1,
            policy * 2,
            if branch.is_multiple_of(10) { 18 } else { 20 } + policy % 4,
        );
    }
    out
}

fn deployment(branch: usize) -> String {
    let mut out = String::from("# Rendered; do not edit.\n");
    for index in 0..9 {
        let _ = write!(
            out,
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web-{branch}-{index}\n  labels:\n    app.kubernetes.io/name: web\n    app.kubernetes.io/instance: web-{index}\nspec:\n  replicas: 3\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: web\n  template:\n    metadata:\n      labels:\n        app.kubernetes.io/name: web\n    spec:\n      containers:\n        - name: web\n          image: \"registry.example.com/web:1.{index}.0\"\n          imagePullPolicy: IfNotPresent\n          ports:\n            - name: http\n              containerPort: 8080\n              protocol: TCP\n          env:\n            - name: BRANCH\n              value: \"{branch}\"\n            - name: LOG_LEVEL\n              value: info\n          resources:\n            limits:\n              cpu: 500m\n              memory: 256Mi\n            requests:\n              cpu: 100m\n              memory: 128Mi\n          livenessProbe:\n            httpGet:\n              path: /healthz\n              port: http\n"
        );
    }
    out
}

fn playbook(branch: usize) -> String {
    let mut out = format!(
        "---\n# Patches the web servers of branch {branch}.\n- hosts: web\n  become: true\n  tasks:\n"
    );
    for index in 0..45 {
        let _ = write!(
            out,
            "    # Step {index}, see the wiki.\n    - name: Install the package of step {index}\n      ansible.builtin.package:\n        name: package-{index}\n        state: present\n      when: ansible_facts['os_family'] == \"RedHat\"\n      register: step_{index}\n"
        );
    }
    out
}
