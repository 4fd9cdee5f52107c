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
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * What a JVM holds after a full collection.
 *
 * @param heapMiB in use
 * @param metaspaceMiB in use
 * @param residentMiB of the process, as the operating system counts it
 * @param jobClassLoaders that loaded a job's classes and are still there
 */
record JvmFigures(long heapMiB, long metaspaceMiB, long residentMiB, int jobClassLoaders) {
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
    MemoryMXBean memory =
        ManagementFactory.newPlatformMXBeanProxy(
            jvm, ManagementFactory.MEMORY_MXBEAN_NAME, MemoryMXBean.class);
    memory.gc();
    // Counts what lives, after a collection of its own.
    String histogram =
        (String)
            jvm.invoke(
                new ObjectName("com.sun.management:type=DiagnosticCommand"),
                "gcClassHistogram",
                new Object[] {new String[0]},
                new String[] {String[].class.getName()});
    return new JvmFigures(
        memory.getHeapMemoryUsage().getUsed() >> 20,
        metaspace(jvm) >> 20,
        resident(process.pid()),
        jobClassLoaders(histogram));
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
