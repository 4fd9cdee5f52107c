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
package dev.fusewright.io.runtime;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.SynchronousQueue;

/**
 * The child's main class: serves requests until its standard input closes.
 *
 * <p>One thread reads, another computes: so the end of the parent is noticed in the middle of a run
 * that never ends.
 */
final class RunnerMain {
  private static final int BUFFER = 1 << 16;

  private RunnerMain() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    SynchronousQueue<RunnerRequest> requests = new SynchronousQueue<>();
    Thread reader = new Thread(() -> readRequests(requests), "requests");
    reader.setDaemon(true);
    reader.start();
    try (DataOutputStream answers =
            new DataOutputStream(
                new BufferedOutputStream(new FileOutputStream(RunnerProtocol.ANSWERS), BUFFER));
        RunnerServer server = RunnerServer.start(answers)) {
      while (true) {
        server.serve(requests.take());
      }
    }
  }

  private static void readRequests(SynchronousQueue<RunnerRequest> requests) {
    // An end of file is the normal end; any other trouble with the parent ends the child as well.
    try (DataInputStream in = new DataInputStream(new BufferedInputStream(System.in, BUFFER))) {
      while (true) {
        requests.put(RunnerRequest.read(in));
      }
    } catch (IOException | InterruptedException | RuntimeException | OutOfMemoryError e) {
      ScratchFolder.delete(Path.of(System.getProperty("java.io.tmpdir")));
      Runtime.getRuntime().halt(e instanceof IOException ? 0 : 1);
    }
  }
}
