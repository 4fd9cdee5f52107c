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

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.options.CreateContainerOptions;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;

/** An S3 server over a local folder, which asks for signed requests. */
public final class S3Server implements AutoCloseable {
  /** The key that its users have. */
  public static final String IDENTITY = "AKIAFUSEWRIGHTTESTS1";

  /** What nobody must ever see: tests search for it. */
  public static final String SECRET = "s3cr3t/Fusewright+Tests+0123456789abcdef";

  private final S3Proxy proxy;
  private final BlobStore blobs;

  private S3Server(S3Proxy proxy, BlobStore blobs) {
    this.proxy = proxy;
    this.blobs = blobs;
  }

  /**
   * Starts a server.
   *
   * @param folder existing; its sub-folders are the buckets
   */
  public static S3Server start(Path folder) throws IOException {
    return start(folder, 0);
  }

  private static S3Server start(Path folder, int port) throws IOException {
    BlobStore blobs = new OneVersionBlobStore(new FilesystemNio2BlobStore(folder.toString()));
    S3Proxy proxy =
        S3Proxy.builder()
            .blobStore(blobs)
            .endpoint(URI.create("http://127.0.0.1:" + port))
            .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, IDENTITY, SECRET)
            .ignoreUnknownHeaders(true)
            .build();
    try {
      proxy.start();
    } catch (Exception e) {
      throw new IOException("s3proxy does not start", e);
    }
    return new S3Server(proxy, blobs);
  }

  /** Makes an empty bucket. */
  public S3Server withBucket(String name) {
    blobs.createContainer(name, CreateContainerOptions.NONE);
    return this;
  }

  /** Where it listens. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + proxy.getPort());
  }

  /** What a client must be configured with. No secret: that comes from {@link #environment}. */
  public Map<String, String> properties() {
    return properties(endpoint());
  }

  /** What a client of a server like this must be configured with. */
  public static Map<String, String> properties(URI endpoint) {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("fs.s3a.endpoint", endpoint.toString());
    properties.put("fs.s3a.endpoint.region", "us-east-1");
    properties.put("fs.s3a.path.style.access", "true");
    properties.put(
        "fs.s3a.aws.credentials.provider",
        "software.amazon.awssdk.auth.credentials.SystemPropertyCredentialsProvider,"
            + "software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider");
    return properties;
  }

  /** The credentials, as environment variables of a process. */
  public static Map<String, String> environment() {
    return Map.of("AWS_ACCESS_KEY_ID", IDENTITY, "AWS_SECRET_ACCESS_KEY", SECRET);
  }

  /** Gives the credentials to everything in this JVM, as system properties. */
  public static void provideCredentials() {
    System.setProperty("aws.accessKeyId", IDENTITY);
    System.setProperty("aws.secretAccessKey", SECRET);
  }

  @Override
  public void close() throws IOException {
    try {
      proxy.stop();
    } catch (Exception e) {
      throw new IOException("s3proxy does not stop", e);
    }
  }

  /**
   * Serves until the process is ended.
   *
   * @param arguments the folder, the port (0 for any), and the buckets
   */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 2) {
      System.err.println("usage: S3Server FOLDER PORT [BUCKET ...]");
      System.exit(1);
    }
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    // Not closed: the server's threads keep the process alive, and its end ends them.
    S3Server server = start(folder, Integer.parseInt(arguments[1]));
    for (int i = 2; i < arguments.length; i++) {
      server.withBucket(arguments[i]);
    }
    environment().forEach((name, value) -> System.out.println("export " + name + "=" + value));
    StringBuilder options = new StringBuilder("export FUSEWRIGHT_STORAGE='");
    server
        .properties()
        .forEach(
            (k, v) -> options.append("--storage ").append(k).append('=').append(v).append(' '));
    System.out.println(options.append('\''));
    System.out.flush();
  }
}
