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
package dev.fusewright.io.servers;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * An S3 server that has no line in common with {@link S3Server} nor with S3's client: moto, in
 * Python, in a process of its own and in memory. It is asked in S3's own requests, without a
 * client.
 */
public final class MotoServer implements AutoCloseable {
  private static final Pattern ADDRESS =
      Pattern.compile("Running on (http://127\\.0\\.0\\.1:\\d+)");

  private final Process process;
  private final URI endpoint;
  private final HttpClient http = HttpClient.newHttpClient();

  private MotoServer(Process process, URI endpoint) {
    this.process = process;
    this.endpoint = endpoint;
  }

  /** The program, where {@code src/linters/setup} has installed it. */
  public static Optional<Path> program() {
    return Optional.ofNullable(System.getenv("FUSEWRIGHT_LINTERS"))
        .map(folder -> Path.of(folder, "moto_server"));
  }

  /** Starts a server on a free port. */
  public static MotoServer start(Path program) throws IOException {
    Process process =
        new ProcessBuilder(program.toString(), "-H", "127.0.0.1", "-p", "0")
            .redirectErrorStream(true)
            .start();
    BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
    for (String line = said.readLine(); line != null; line = said.readLine()) {
      var address = ADDRESS.matcher(line);
      if (address.find()) {
        // What it says of each request is read, so that it never waits for a reader.
        Thread reader = new Thread(() -> said.lines().forEach(request -> {}), "moto");
        reader.setDaemon(true);
        reader.start();
        return new MotoServer(process, URI.create(address.group(1)));
      }
    }
    throw new IOException(program + " does not start");
  }

  /** Makes an empty bucket. */
  public MotoServer withBucket(String name) throws IOException {
    ask("PUT", "/" + name, new byte[0]);
    return this;
  }

  /** What a client must be configured with. */
  public Map<String, String> properties() {
    return S3Server.properties(endpoint);
  }

  /** The keys of a bucket with their etags and times, as the server lists them. */
  public List<String> objects(String bucket) throws IOException {
    return found(
        "<Key>(.*?)</Key>\\s*<LastModified>(.*?)</LastModified>\\s*<ETag>(.*?)</ETag>",
        ask("GET", "/" + bucket + "?list-type=2", new byte[0]));
  }

  /** The keys of the uploads that somebody began and never ended. */
  public List<String> unfinishedUploads(String bucket) throws IOException {
    return found("<Key>(.*?)</Key>", ask("GET", "/" + bucket + "?uploads", new byte[0]));
  }

  /**
   * Begins an upload, sends its first part, and leaves it.
   *
   * @param key percent-encoded
   */
  public void beginUpload(String bucket, String key) throws IOException {
    String path = "/" + bucket + "/" + key;
    String begun = ask("POST", path + "?uploads", new byte[0]);
    String upload = found("<UploadId>(.*?)</UploadId>", begun).get(0);
    ask("PUT", path + "?partNumber=1&uploadId=" + upload, new byte[5 << 20]);
  }

  private static List<String> found(String pattern, String answer) {
    return Pattern.compile(pattern, Pattern.DOTALL)
        .matcher(answer)
        .results()
        .map(MotoServer::groups)
        .toList();
  }

  private static String groups(MatchResult match) {
    StringBuilder groups = new StringBuilder(match.group(1));
    for (int group = 2; group <= match.groupCount(); group++) {
      groups.append(' ').append(match.group(group));
    }
    return groups.toString().replace("&quot;", "\"").replace("&amp;", "&");
  }

  private String ask(String method, String path, byte[] body) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(endpoint + path))
            .header("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
            .method(method, BodyPublishers.ofByteArray(body))
            .build();
    try {
      HttpResponse<String> answer =
          http.send(request, BodyHandlers.ofString(StandardCharsets.UTF_8));
      if (answer.statusCode() != 200) {
        throw new IOException(method + " " + path + ": " + answer.statusCode() + answer.body());
      }
      return answer.body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(method + " " + path, e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
