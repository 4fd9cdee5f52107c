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
package dev.fusewright.pipeline.audit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** A page in a real browser, driven by its DevTools protocol. */
final class Chromium implements AutoCloseable {
  private static final String VARIABLE = "FUSEWRIGHT_CHROMIUM";
  private static final String ANNOUNCES = "DevTools listening on ws://";
  private static final int PATIENCE_SECONDS = 120;

  private final Process process;
  private final WebSocket socket;
  private final AtomicInteger calls = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers;
  private final List<String> complaints;

  private Chromium(
      Process process,
      WebSocket socket,
      Map<Integer, CompletableFuture<JsonNode>> answers,
      List<String> complaints) {
    this.process = process;
    this.socket = socket;
    this.answers = answers;
    this.complaints = complaints;
  }

  /** Starts the browser that a variable names; without one the test is skipped. */
  static Chromium start(Path profile) throws IOException, InterruptedException {
    String program = System.getenv(VARIABLE);
    assumeTrue(
        program != null && !program.isEmpty(), VARIABLE + " is not set: see src/oracles/README.md");
    Process process =
        new ProcessBuilder(
                program,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--hide-scrollbars",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      return connect(process, address(process));
    } catch (IOException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  private static String address(Process process) throws IOException {
    BufferedReader errors = process.errorReader(StandardCharsets.UTF_8);
    for (String line = errors.readLine(); line != null; line = errors.readLine()) {
      if (line.startsWith(ANNOUNCES)) {
        Thread rest = new Thread(() -> errors.lines().forEach(ignored -> {}), "what Chromium says");
        rest.setDaemon(true);
        rest.start();
        String address = line.substring(ANNOUNCES.length());
        return address.substring(0, address.indexOf('/'));
      }
    }
    throw new IOException("the browser ended before it could be reached");
  }

  private static Chromium connect(Process process, String address)
      throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    HttpResponse<String> pages =
        client.send(
            HttpRequest.newBuilder(URI.create("http://" + address + "/json/list")).build(),
            HttpResponse.BodyHandlers.ofString());
    String page = "";
    for (JsonNode target : new ObjectMapper().readTree(pages.body())) {
      if (target.path("type").asText().equals("page")) {
        page = target.path("webSocketDebuggerUrl").asText();
      }
    }
    Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    List<String> complaints = Collections.synchronizedList(new ArrayList<>());
    WebSocket socket =
        client
            .newWebSocketBuilder()
            .buildAsync(URI.create(page), new Listener(answers, complaints))
            .join();
    Chromium chromium = new Chromium(process, socket, answers, complaints);
    chromium.call("Page.enable", Map.of());
    chromium.call("Runtime.enable", Map.of());
    chromium.call("Log.enable", Map.of());
    return chromium;
  }

  /** Puts the pieces of messages together. */
  private static final class Listener implements WebSocket.Listener {
    private final Map<Integer, CompletableFuture<JsonNode>> answers;
    private final List<String> complaints;
    private final StringBuilder message = new StringBuilder();

    Listener(Map<Integer, CompletableFuture<JsonNode>> answers, List<String> complaints) {
      this.answers = answers;
      this.complaints = complaints;
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      message.append(data);
      if (last) {
        accept(message.toString());
        message.setLength(0);
      }
      socket.request(1);
      return CompletableFuture.completedFuture(null);
    }

    private void accept(String text) {
      try {
        JsonNode json = new ObjectMapper().readTree(text);
        CompletableFuture<JsonNode> waiting = answers.remove(json.path("id").asInt(-1));
        if (waiting != null) {
          waiting.complete(json);
        }
        String method = json.path("method").asText();
        boolean isComplaint =
            method.equals("Runtime.exceptionThrown")
                || method.equals("Log.entryAdded")
                || (method.equals("Runtime.consoleAPICalled")
                    && json.at("/params/type").asText().equals("error"));
        if (isComplaint) {
          complaints.add(json.path("params").toString());
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** What the browser found wrong so far: exceptions, refused content, errors in the console. */
  List<String> complaints() {
    return List.copyOf(complaints);
  }

  /** Opens a page and waits until a condition holds in it. */
  void open(URI page, int width, int height, String ready) {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    call("Page.navigate", Map.of("url", page.toString()));
    await(ready);
  }

  /** Tells pages which colours are preferred: light or dark. */
  void prefer(String colours) {
    call(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", colours))));
  }

  /** Waits, within the page, until a condition holds. */
  void await(String condition) {
    JsonNode found =
        evaluate(
            """
            new Promise(done => {
              const look = () => { try { if (%s) { done(true); return; } } catch (e) {} setTimeout(look, 20); };
              look();
            })
            """
                .formatted(condition));
    if (!found.asBoolean()) {
      throw new IllegalStateException(condition + " does not hold: " + found);
    }
  }

  /** The value of an expression in the page; a promise is waited for. */
  JsonNode evaluate(String expression) {
    JsonNode result =
        call(
            "Runtime.evaluate",
            Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
    if (result.has("exceptionDetails")) {
      throw new IllegalStateException(expression + ": " + result.path("exceptionDetails"));
    }
    return result.path("result").path("value");
  }

  /** Presses a key. */
  void press(String key) {
    Map<String, Object> event = Map.of("key", key, "text", key.length() == 1 ? key : "");
    Map<String, Object> down = new HashMap<>(event);
    down.put("type", "keyDown");
    call("Input.dispatchKeyEvent", down);
    call("Input.dispatchKeyEvent", Map.of("type", "keyUp", "key", key));
  }

  /** What is seen now, as PNG. */
  void screenshot(Path file) throws IOException {
    JsonNode shot = call("Page.captureScreenshot", Map.of("format", "png"));
    Files.write(file, Base64.getDecoder().decode(shot.path("data").asText()));
  }

  private JsonNode call(String method, Map<String, Object> parameters) {
    int id = calls.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode json = mapper.createObjectNode().put("id", id).put("method", method);
    json.set("params", mapper.valueToTree(parameters));
    socket.sendText(json.toString(), /* last= */ true).join();
    try {
      JsonNode answered = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (answered.has("error")) {
        throw new IllegalStateException(method + ": " + answered.path("error"));
      }
      return answered.path("result");
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException(method + " was not answered", e);
    }
  }

  @Override
  public void close() {
    socket.abort();
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
