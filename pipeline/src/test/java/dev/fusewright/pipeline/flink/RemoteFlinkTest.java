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
package dev.fusewright.pipeline.flink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.fusewright.pipeline.run.RunFailedException;
import dev.fusewright.pipeline.run.RunFigures;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a small server that answers as a JobManager's REST interface does. */
final class RemoteFlinkTest {
  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String answer = answers.get(exchange.getRequestURI().toString());
          byte[] bytes = (answer == null ? "not here" : answer).getBytes(UTF_8);
          exchange.sendResponseHeaders(answer == null ? 404 : 200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    answers.put("/jobmanager/config", "[]");
    answers.put("/taskmanagers", "{\"taskmanagers\": []}");
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private RemoteFlink flink() {
    return RemoteFlink.at("127.0.0.1:" + server.getAddress().getPort());
  }

  private void overview(String version, int slots) {
    answers.put(
        "/overview", "{\"flink-version\": \"%s\", \"slots-total\": %d}".formatted(version, slots));
  }

  @Test
  void a_cluster_offers_its_slots() throws Exception {
    overview(FlinkRelease.series() + ".99", 6);
    answers.put(
        "/taskmanagers", "{\"taskmanagers\": [{\"slotsNumber\": 2}, {\"slotsNumber\": 4}]}");

    assertThat(flink().offer(Duration.ZERO)).isEqualTo(new RemoteFlink.Offer(6, 4));
  }

  @Test
  void another_release_is_refused_with_both_versions() {
    overview(FlinkRelease.series() + "0.0", 6);

    assertThatThrownBy(() -> flink().offer(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(
            "is Flink %s0.0,".formatted(FlinkRelease.series()),
            "made for Flink %s:".formatted(FlinkRelease.series()));
  }

  @Test
  void a_cluster_without_task_managers_is_given_some_time_and_then_refused() {
    overview(FlinkRelease.version(), 0);

    assertThatThrownBy(() -> flink().offer(Duration.ZERO))
        .isInstanceOf(RunFailedException.class)
        .hasMessageContaining("has no TaskManager");
  }

  @Test
  void a_cluster_that_starts_its_task_managers_itself_needs_none_before_the_job() throws Exception {
    overview(FlinkRelease.version(), 0);
    answers.put("/jobmanager/config", "[{\"key\": \"kubernetes.cluster-id\", \"value\": \"zoo\"}]");

    assertThat(flink().offer(Duration.ZERO)).isEqualTo(new RemoteFlink.Offer(0, 1));
  }

  @Test
  void somebody_else_at_the_port_is_told_from_flink() {
    assertThatThrownBy(() -> flink().offer(Duration.ZERO))
        .isInstanceOf(RunFailedException.class)
        .hasMessageContaining("answers, but not as a Flink JobManager does");
    answers.put("/overview", "<html>");
    assertThatThrownBy(() -> flink().offer(Duration.ZERO))
        .isInstanceOf(RunFailedException.class)
        .hasMessageContaining("answers, but not as a Flink JobManager does");
  }

  @Test
  void a_port_where_nobody_listens_is_named() throws IOException {
    int nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = socket.getLocalPort();
    }
    RemoteFlink flink = RemoteFlink.at("http://127.0.0.1:" + nobody);

    assertThatThrownBy(() -> flink.offer(Duration.ZERO))
        .isInstanceOf(RunFailedException.class)
        .hasMessageContainingAll(
            "cannot reach Flink",
            Integer.toString(nobody),
            "connection refused",
            "Nothing has been submitted",
            "REST port");
  }

  @Test
  void what_is_no_address_is_wrong_usage() {
    assertThatThrownBy(() -> RemoteFlink.at("my cluster"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected HOST:PORT");
  }

  @Test
  void how_far_a_run_is_is_the_sum_of_its_counters() throws IOException {
    answers.put(
        "/jobs/b",
        """
        {"vertices": [
          {"id": "v1", "name": "Source: Catalogue -> Fuse models/Fuse each model/ParMultiDo(Fuse)"},
          {"id": "v2", "name": "Write part files"}]}
        """);
    assertThatThrownBy(() -> flink().figures("b")).isInstanceOf(IOException.class);
    String metrics = "/jobs/b/vertices/v1/subtasks/metrics";
    answers.put(metrics, "[{\"id\": \"numRecordsOut\"}]");
    assertThat(flink().figures("b")).as("before it begins").isEqualTo(new RunFigures(0, 0, 0));

    answers.put(
        metrics,
        """
        [{"id": "Source__Pull_splits.numRecordsOut"},
         {"id": "Source__Pull_splits.fusewright_not_tried"},
         {"id": "Source__Pull_splits.fusewright_fused"},
         {"id": "Source__Pull_splits.fusewright_failed"},
         {"id": "Source__Pull_splits.fusewright_rejected"},
         {"id": "Source__Pull_splits.fusewright_bytes_done"}]
        """);
    String asked =
        Stream.of("bytes_done", "failed", "fused", "not_tried", "rejected")
            .map(name -> "Source__Pull_splits.fusewright_" + name)
            .collect(Collectors.joining("%2C"));
    answers.put(
        metrics + "?agg=sum&get=" + asked,
        """
        [{"id": "Source__Pull_splits.fusewright_fused", "sum": 17.0},
         {"id": "Source__Pull_splits.fusewright_failed", "sum": 2.0},
         {"id": "Source__Pull_splits.fusewright_rejected", "sum": 1.0},
         {"id": "Source__Pull_splits.fusewright_not_tried", "sum": 5.0},
         {"id": "Source__Pull_splits.fusewright_bytes_done", "sum": 4.2E9}]
        """);
    assertThat(flink().figures("b")).isEqualTo(new RunFigures(20, 4_200_000_000L, 3));
  }

  @Test
  void a_job_is_found_by_its_name_and_its_failure_by_its_root() throws IOException {
    answers.put(
        "/jobs/overview",
        "{\"jobs\": [{\"jid\": \"a\", \"name\": \"other\"}, {\"jid\": \"b\", \"name\": \"ours\"}]}");
    answers.put(
        "/jobs/b/exceptions",
        "{\"root-exception\": \"JobException: gave up\\n\\tat X\\nCaused by: IOException: disk full\\n\\tat Y\\n\"}");

    assertThat(flink().jobId("ours")).contains("b");
    assertThat(flink().jobId("nobody's")).isEmpty();
    assertThat(flink().failure("b")).contains("IOException: disk full");
  }
}
