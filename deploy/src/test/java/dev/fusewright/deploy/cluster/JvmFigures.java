/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.deploy.cluster;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryPoolMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * What a JVM holds when all that can be collected is.
 *
 * @param heapMiB in use
 * @param metaspaceMiB in use
 * @param residentMiB of the process, as the operating system counts it: heap, metaspace, code,
 *     threads' stacks and what is native
 * @param jobClassLoaders that loaded a job's classes and are still there
 * @param children that run models for it, and are still there
 * @param childrenMiB resident, of all of them
 */
record JvmFigures(
    long heapMiB,
    long metaspaceMiB,
    long residentMiB,
    int jobClassLoaders,
    int children,
    long childrenMiB) {
  private static final String JOB_LOADER = "org.apache.flink.util.ChildFirstClassLoader";

  /** Attaches to a JVM of this machine; the address is one that it has just told. */
  @SuppressWarnings("BanJNDI")
  static JvmFigures of(ManagedProcess process) throws IOException {
    try {
      VirtualMachine machine = VirtualMachine.attach(Long.toString(process.pid()));
      String address;
      try {
        address = machine.startLocalManagementAgent();
      } finally {
        machine.detach();
      }
      try (JMXConnector connector = JMXConnectorFactory.connect(new JMXServiceURL(address))) {
        return of(process, connector.getMBeanServerConnection());
      }
    } catch (AttachNotSupportedException | JMException e) {
      throw new IOException(process.toString(), e);
    }
  }

  private static JvmFigures of(ManagedProcess process, MBeanServerConnection jvm)
      throws IOException, JMException {
    int loaders = collected(jvm);
    MemoryMXBean memory =
        ManagementFactory.newPlatformMXBeanProxy(
            jvm, ManagementFactory.MEMORY_MXBEAN_NAME, MemoryMXBean.class);
    List<ProcessHandle> children =
        ProcessHandle.of(process.pid()).stream().flatMap(ProcessHandle::descendants).toList();
    return new JvmFigures(
        memory.getHeapMemoryUsage().getUsed() >> 20,
        metaspace(jvm) >> 20,
        resident(process.pid()),
        loaders,
        children.size(),
        children.stream().mapToLong(child -> resident(child.pid())).sum());
  }

  /**
   * Collects until it makes no difference: what is softly held, or has a finalizer, goes in the
   * second round only, and what it held in the third.
   *
   * @return how many job class loaders are left
   */
  private static int collected(MBeanServerConnection jvm) throws IOException, JMException {
    int before = Integer.MAX_VALUE;
    while (true) {
      command(jvm, "gcRunFinalization");
      // Counts what lives, after a collection of its own.
      int loaders = jobClassLoaders(command(jvm, "gcClassHistogram", (Object) new String[0]));
      if (loaders == before) {
        return loaders;
      }
      before = loaders;
    }
  }

  /** What {@code jcmd} would ask. */
  private static String command(MBeanServerConnection jvm, String name, Object... arguments)
      throws IOException, JMException {
    String[] types =
        Stream.of(arguments).map(argument -> argument.getClass().getName()).toArray(String[]::new);
    return (String)
        jvm.invoke(
            new ObjectName("com.sun.management:type=DiagnosticCommand"), name, arguments, types);
  }

  private static long metaspace(MBeanServerConnection jvm) throws IOException {
    for (MemoryPoolMXBean pool :
        ManagementFactory.getPlatformMXBeans(jvm, MemoryPoolMXBean.class)) {
      if (pool.getName().equals("Metaspace")) {
        return pool.getUsage().getUsed();
      }
    }
    throw new IOException("no metaspace");
  }

  private static int jobClassLoaders(String histogram) {
    return histogram
        .lines()
        .map(String::strip)
        .filter(line -> line.split(" +").length > 3 && line.split(" +")[3].equals(JOB_LOADER))
        .mapToInt(line -> Integer.parseInt(line.split(" +")[1]))
        .sum();
  }

  private static long resident(long pid) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) >> 10;
        }
      }
      return 0;
    } catch (IOException e) {
      // Gone, or another system than Linux.
      return 0;
    }
  }
}
