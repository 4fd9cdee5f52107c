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

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fusewright.pipeline.beam.FuseModels;
import dev.fusewright.pipeline.beam.LiveCounters;
import dev.fusewright.pipeline.run.RunFailedException;
import dev.fusewright.pipeline.run.RunFigures;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** A Flink cluster, asked over its REST interface. */
public final class RemoteFlink {
  private static final Pattern SCHEME = Pattern.compile("^(https?)://");
  private static final int USUAL_PORT = 8081;
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);
  private static final long ASKED_EVERY_MS = 250;

  private final HttpClient client = HttpClient.newBuilder().connectTimeout(ANSWER_WITHIN).build();
  private final ObjectMapper json = new ObjectMapper();
  private final String master;
  private final String base;

  private RemoteFlink(String master, String base) {
    this.master = master;
    this.base = base;
  }

  /**
   * What a cluster has to offer.
   *
   * @param slots of all TaskManagers; 0 where they are started when a job asks for them
   * @param slotsPerTaskManager of the one that has most; at least 1
   */
  record Offer(int slots, int slotsPerTaskManager) {}

  /**
   * The cluster at an address as {@code --flinkMaster} takes it.
   *
   * @param master {@code host:port}, with or without {@code http://}
   * @throws IllegalArgumentException if it is no address
   */
  public static RemoteFlink at(String master) {
    String scheme = master.startsWith("https://") ? "https" : "http";
    String address = SCHEME.matcher(master.trim()).replaceFirst("");
    try {
      URI uri = URI.create(scheme + "://" + address);
      if (uri.getHost() == null) {
        throw new IllegalArgumentException("no host in it");
      }
      int port = uri.getPort() < 0 ? USUAL_PORT : uri.getPort();
      return new RemoteFlink(master, "%s://%s:%d".formatted(scheme, uri.getHost(), port));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "--flinkMaster=%s: expected HOST:PORT of a Flink JobManager's REST interface"
              .formatted(master),
          e);
    }
  }

  /**
   * Asks whether a job can be run there.
   *
   * @param patience how long to wait for a first TaskManager
   * @throws IllegalArgumentException if it is another release of Flink
   * @throws RunFailedException if it cannot be reached, is no Flink, or has no slot
   */
  Offer offer(Duration patience) throws RunFailedException {
    JsonNode overview;
    try {
      overview = get("/overview");
    } catch (StrangeAnswerException e) {
      throw new RunFailedException(
          "%s answers, but not as a Flink JobManager does: %s".formatted(master, reason(e)), e);
    } catch (IOException e) {
      throw new RunFailedException(
          "cannot reach Flink at %s: %s. Nothing has been submitted. Is its JobManager running, and is this its REST port (fusewright cluster status; 8081 where nobody chose another)?"
              .formatted(master, reason(e)),
          e);
    }
    String version = overview.path("flink-version").asText("of no version");
    if (!FlinkRelease.fits(version)) {
      throw new IllegalArgumentException(
          "%s is Flink %s, and this job is made for Flink %s: a job runs on the release that it was built with"
              .formatted(master, version, FlinkRelease.series()));
    }
    try {
      return slots(overview, Instant.now().plus(patience), patience);
    } catch (IOException e) {
      throw new RunFailedException("Flink at %s: %s".formatted(master, reason(e)), e);
    }
  }

  private Offer slots(JsonNode first, Instant deadline, Duration patience)
      throws IOException, RunFailedException {
    for (JsonNode overview = first; ; overview = get("/overview")) {
      int slots = overview.path("slots-total").asInt();
      if (slots > 0 || startsWorkersItself()) {
        return new Offer(slots, mostSlots());
      }
      if (Instant.now().isAfter(deadline)) {
        throw new RunFailedException(
            "Flink at %s has no TaskManager, and none came within %d s. Start one, or look into their logs"
                .formatted(master, patience.toSeconds()),
            new IOException("slots-total is 0"));
      }
      pause();
    }
  }

  /** On Kubernetes and YARN a JobManager asks for TaskManagers when a job needs them. */
  private boolean startsWorkersItself() throws IOException {
    for (JsonNode entry : get("/jobmanager/config")) {
      String key = entry.path("key").asText();
      if (key.startsWith("kubernetes.cluster-id") || key.startsWith("yarn.")) {
        return true;
      }
    }
    return false;
  }

  private int mostSlots() throws IOException {
    int most = 1;
    for (JsonNode worker : get("/taskmanagers").path("taskmanagers")) {
      most = Math.max(most, worker.path("slotsNumber").asInt());
    }
    return most;
  }

  /** Where it is asked: {@code http://HOST:PORT}. */
  String address() {
    return base;
  }

  /** The id of the job with a name that no other has. */
  Optional<String> jobId(String name) throws IOException {
    for (JsonNode job : get("/jobs/overview").path("jobs")) {
      if (job.path("name").asText().equals(name)) {
        return Optional.of(job.path("jid").asText());
      }
    }
    return Optional.empty();
  }

  /** The first line of what made a job fail. */
  Optional<String> failure(String jobId) throws IOException {
    return get("/jobs/%s/exceptions".formatted(jobId))
        .path("root-exception")
        .asText("")
        .lines()
        .filter(line -> !line.isBlank())
        .reduce((first, next) -> next.startsWith("Caused by: ") ? next : first)
        .map(line -> line.replaceFirst("^Caused by: ", ""));
  }

  /**
   * How far a run is, as its {@link LiveCounters} say. Flink gathers them every ten seconds. Of a
   * task that was lost and begun again they count from its new beginning.
   */
  public RunFigures figures(String jobId) throws IOException {
    Map<String, Long> counters = new HashMap<>();
    for (JsonNode vertex : get("/jobs/" + jobId).path("vertices")) {
      if (vertex.path("name").asText().contains(FuseModels.STEP)) {
        String metrics =
            "/jobs/%s/vertices/%s/subtasks/metrics".formatted(jobId, vertex.path("id").asText());
        addCounters(metrics, counters);
      }
    }
    return LiveCounters.figures(name -> counters.getOrDefault(name, 0L));
  }

  /** Flink puts the name of the operator before that of the counter. */
  private void addCounters(String metrics, Map<String, Long> counters) throws IOException {
    Map<String, String> names = new TreeMap<>();
    for (JsonNode metric : get(metrics)) {
      String id = metric.path("id").asText();
      for (String name : LiveCounters.NAMES) {
        if (id.endsWith("." + LiveCounters.NAMESPACE + "_" + name)) {
          names.put(id, name);
        }
      }
    }
    if (names.isEmpty()) {
      return;
    }
    String asked = URLEncoder.encode(String.join(",", names.keySet()), StandardCharsets.UTF_8);
    for (JsonNode metric : get(metrics + "?agg=sum&get=" + asked)) {
      String name = names.get(metric.path("id").asText());
      if (name != null) {
        counters.merge(name, Math.round(metric.path("sum").asDouble()), Long::sum);
      }
    }
  }

  /**
   * Asks for a resource.
   *
   * @param path such as {@code /overview}
   * @throws IOException if nobody answers, or not as Flink does
   */
  public JsonNode get(String path) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + path)).timeout(ANSWER_WITHIN).build();
    try {
      HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
      if (answer.statusCode() != 200) {
        throw new StrangeAnswerException(
            "%s has status %d".formatted(base + path, answer.statusCode()));
      }
      return json.readTree(answer.body());
    } catch (JsonProcessingException e) {
      throw new StrangeAnswerException("%s is no JSON".formatted(base + path));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Somebody answered, and not what was asked. */
  private static final class StrangeAnswerException extends IOException {
    private static final long serialVersionUID = 1L;

    StrangeAnswerException(String message) {
      super(message);
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(ASKED_EVERY_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** The JDK's client leaves the words to causes, if anybody has any. */
  private static String reason(IOException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause.getMessage() != null) {
        return cause.getMessage();
      }
    }
    return e instanceof ConnectException
        ? "connection refused"
        : e instanceof HttpTimeoutException
            ? "no answer within %d s".formatted(ANSWER_WITHIN.toSeconds())
            : e.getClass().getSimpleName();
  }
}
