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
package dev.fusewright.deploy.container;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.fusewright.core.testing.UsesProcesses;
import dev.fusewright.deploy.support.ExternalTool;
import dev.fusewright.deploy.support.Project;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The image's health check, against what listens and what does not. */
@UsesProcesses
class HealthcheckTest {
  private static final InetAddress HERE = InetAddress.getLoopbackAddress();

  @Test
  void a_job_manager_that_answers_is_well() throws IOException {
    HttpServer rest = rest(200);
    try {
      assertThat(check(rest.getAddress().getPort(), closedPort()).code()).isZero();
    } finally {
      rest.stop(0);
    }
  }

  @Test
  void a_job_manager_that_answers_with_an_error_is_not() throws IOException {
    HttpServer rest = rest(503);
    try {
      assertThat(check(rest.getAddress().getPort(), closedPort()).code()).isEqualTo(1);
    } finally {
      rest.stop(0);
    }
  }

  @Test
  void a_task_manager_that_takes_connections_is_well() throws IOException {
    try (ServerSocket rpc = new ServerSocket(0, 50, HERE)) {
      assertThat(check(closedPort(), rpc.getLocalPort()).code()).isZero();
    }
  }

  @Test
  void a_process_that_does_neither_is_not_and_says_so() throws IOException {
    ExternalTool.Answer answer = check(closedPort(), closedPort());

    assertThat(answer.code()).isEqualTo(1);
    assertThat(answer.out()).contains("neither").doesNotContain("Connection refused");
  }

  private static HttpServer rest(int status) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(HERE, 0), 0);
    server.createContext(
        "/overview",
        exchange -> {
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  /** A port on which nobody listens: it was ours a moment ago. */
  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 50, HERE)) {
      return socket.getLocalPort();
    }
  }

  private static ExternalTool.Answer check(int rest, int rpc) {
    return ExternalTool.onPath("bash")
        .orElseThrow()
        .run(
            Project.HOME,
            Map.of(
                "FUSEWRIGHT_REST_PORT", Integer.toString(rest),
                "FUSEWRIGHT_RPC_PORT", Integer.toString(rpc)),
            List.of(Project.DEPLOY.resolve("container/healthcheck").toString()));
  }
}
