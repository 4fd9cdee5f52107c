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

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An HTTP proxy in front of a server that makes some of the requests fail. Which ones, and how, is
 * a function of the seed and of how many requests came before, so that a run meets the same faults
 * again. One request per connection.
 */
public final class FaultyNetwork implements AutoCloseable {
  private static final int PIECE = 16 * 1024;

  private final ServerSocket listener;
  private final InetSocketAddress server;
  private final Plan plan;
  private final String refused;
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong sent = new AtomicLong();
  private final Map<Fault, AtomicLong> injected = new EnumMap<>(Fault.class);
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * Which requests fail.
   *
   * @param percent of all requests
   * @param seed another one gives other requests and other faults
   * @param faults that are chosen from
   * @param silenceMs how long {@link Fault#SILENCE} lasts before the connection is cut
   */
  public record Plan(int percent, long seed, List<Fault> faults, int silenceMs) {
    /** Copies the faults. */
    public Plan {
      faults = List.copyOf(faults);
    }

    /** Every fault, in a tenth of all requests. */
    public static Plan tenPercent(long seed, int silenceMs) {
      return new Plan(10, seed, List.of(Fault.values()), silenceMs);
    }

    private Fault faultOf(long request) {
      Random random = new Random(seed * 1_000_003 + request);
      random.nextInt(); // the first of neighbouring seeds are alike
      return random.nextInt(100) < percent ? faults.get(random.nextInt(faults.size())) : null;
    }
  }

  private FaultyNetwork(
      ServerSocket listener, InetSocketAddress server, Plan plan, String refused) {
    this.listener = listener;
    this.server = server;
    this.plan = plan;
    this.refused = refused;
    for (Fault fault : Fault.values()) {
      injected.put(fault, new AtomicLong());
    }
  }

  /** Starts a network in front of a server on this machine. */
  public static FaultyNetwork before(URI server, Plan plan) throws IOException {
    return before(server, plan, /* refused= */ "");
  }

  /**
   * Starts one in front of a server that does not implement some requests.
   *
   * @param refused a header that those have, in lower case
   */
  public static FaultyNetwork before(URI server, Plan plan, String refused) throws IOException {
    ServerSocket listener = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
    FaultyNetwork network =
        new FaultyNetwork(
            listener, new InetSocketAddress(server.getHost(), server.getPort()), plan, refused);
    daemon(network::accept, "faulty-network");
    return network;
  }

  /** What clients connect to instead of the server. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  /** Requests so far. */
  public long requests() {
    return requests.get();
  }

  /** Bytes of the requests' bodies so far. */
  public long sent() {
    return sent.get();
  }

  /** How often each fault was injected so far. */
  public Map<Fault, Long> injected() {
    Map<Fault, Long> counts = new EnumMap<>(Fault.class);
    injected.forEach((fault, count) -> counts.put(fault, count.get()));
    return counts;
  }

  /** Faults so far. */
  public long faults() {
    return injected().values().stream().mapToLong(Long::longValue).sum();
  }

  private static void daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!closed) {
      try {
        Socket client = listener.accept();
        open.add(client);
        daemon(() -> serve(client), "faulty-network-connection");
      } catch (IOException e) {
        // Closed.
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      client.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(client.getInputStream());
      Head request = Head.read(in);
      if (request != null) {
        answer(client, in, request);
      }
    } catch (IOException | InterruptedException e) {
      // A connection that breaks is what this is for.
    } finally {
      open.remove(client);
    }
  }

  private void answer(Socket client, InputStream in, Head request)
      throws IOException, InterruptedException {
    Fault fault = plan.faultOf(requests.getAndIncrement());
    if (fault != null) {
      injected.get(fault).incrementAndGet();
    }
    if (fault == Fault.CUT) {
      client.setSoLinger(true, 0);
      return;
    }
    OutputStream out = client.getOutputStream();
    if (request.header("expect") != null) {
      out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(ISO_8859_1));
      out.flush();
    }
    if (fault == Fault.SILENCE) {
      Thread.sleep(plan.silenceMs());
      return;
    }
    if (fault == Fault.SLOW_DOWN || fault == Fault.ERROR) {
      drain(in, request.contentLength());
      refuse(
          out,
          fault == Fault.SLOW_DOWN ? 503 : 500,
          fault == Fault.SLOW_DOWN ? "SlowDown" : "InternalError");
      return;
    }
    if (request.header(refused) != null) {
      drain(in, request.contentLength());
      refuse(out, 501, "NotImplemented");
      return;
    }
    sent.addAndGet(request.contentLength());
    try (Socket upstream = new Socket()) {
      upstream.connect(server);
      open.add(upstream);
      OutputStream toServer = upstream.getOutputStream();
      toServer.write(request.forServer());
      copy(in, toServer, request.contentLength());
      toServer.flush();
      relay(new BufferedInputStream(upstream.getInputStream()), out, fault);
      open.remove(upstream);
    }
  }

  private static void relay(InputStream from, OutputStream out, Fault fault)
      throws IOException, InterruptedException {
    Head head = Head.read(from);
    if (head == null) {
      return;
    }
    byte[] body = from.readAllBytes(); // the server closes after each answer
    if (fault == Fault.ERROR_AFTERWARDS) {
      refuse(out, 500, "InternalError");
      return;
    }
    byte[] start = head.forClient();
    if (fault == Fault.CUT_ANSWER) {
      if (body.length == 0) {
        out.write(start, 0, start.length / 2);
      } else {
        out.write(start);
        out.write(body, 0, body.length / 2);
      }
    } else if (fault == Fault.SLOW_ANSWER) {
      out.write(start);
      int pieces = 5;
      for (int i = 0; i < pieces; i++) {
        int at = (int) ((long) body.length * i / pieces);
        out.write(body, at, (int) ((long) body.length * (i + 1) / pieces) - at);
        out.flush();
        Thread.sleep(100);
      }
    } else {
      out.write(start);
      out.write(body);
    }
    out.flush();
  }

  private static void refuse(OutputStream out, int status, String code) throws IOException {
    String body =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>%s</Code><Message>injected</Message></Error>"
            .formatted(code);
    out.write(
        "HTTP/1.1 %d Injected\r\nContent-Type: application/xml\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
            .formatted(status, body.length(), body)
            .getBytes(ISO_8859_1));
    out.flush();
  }

  private static void drain(InputStream in, long bytes) throws IOException {
    copy(in, OutputStream.nullOutputStream(), bytes);
  }

  private static void copy(InputStream in, OutputStream out, long bytes) throws IOException {
    byte[] buffer = new byte[PIECE];
    for (long left = bytes; left > 0; ) {
      int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (n < 0) {
        throw new EOFException();
      }
      out.write(buffer, 0, n);
      left -= n;
    }
  }

  /** Stops listening and cuts every connection. */
  @Override
  public void close() throws IOException {
    closed = true;
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
  }

  /** The lines before a body. */
  private record Head(String first, List<String> lines, Map<String, String> headers) {
    static Head read(InputStream in) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (int line = 0; line >= 0; ) {
        int b = in.read();
        if (b < 0) {
          return null;
        }
        bytes.write(b);
        if (b == '\n') {
          line = line == 0 ? -1 : 0;
        } else if (b != '\r') {
          line++;
        }
      }
      List<String> lines = bytes.toString(ISO_8859_1).strip().lines().toList();
      Map<String, String> headers = new HashMap<>();
      for (String line : lines.subList(1, lines.size())) {
        int colon = line.indexOf(':');
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
      return new Head(lines.get(0), lines.subList(1, lines.size()), headers);
    }

    String header(String name) {
      return headers.get(name);
    }

    long contentLength() {
      return Long.parseLong(headers.getOrDefault("content-length", "0"));
    }

    byte[] forServer() {
      return text("expect");
    }

    byte[] forClient() {
      return text("");
    }

    /** One request per connection: then the end of an answer is the end of the stream. */
    private byte[] text(String without) {
      StringBuilder text = new StringBuilder(first).append("\r\n");
      for (String line : lines) {
        String lower = line.toLowerCase(Locale.ROOT);
        if (!lower.startsWith("connection:")
            && (without.isEmpty() || !lower.startsWith(without + ":"))) {
          text.append(line).append("\r\n");
        }
      }
      return text.append("Connection: close\r\n\r\n").toString().getBytes(ISO_8859_1);
    }
  }
}
