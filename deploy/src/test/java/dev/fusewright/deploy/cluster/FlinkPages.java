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

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.apache.flink.runtime.rest.HttpMethodWrapper;
import org.apache.flink.runtime.rest.handler.RestHandlerSpecification;
import org.apache.flink.runtime.rest.messages.CustomHeadersDecorator;

/**
 * All that a JobManager shows: each resource that this release of Flink declares, asked with every
 * job, vertex, TaskManager and log that there is. Flink's user interface is made of them.
 */
final class FlinkPages {
  /** Nothing to look at, though asked with GET (for YARN's sake). */
  private static final Set<String> END_A_JOB =
      Set.of("/jobs/:jobid/yarn-cancel", "/jobs/:jobid/yarn-stop");

  private static final Pattern OF_THE_INTERFACE =
      Pattern.compile("org/apache/flink/runtime/(rest|webmonitor)/.*\\.class");

  private static final Pattern PARAMETER =
      Pattern.compile(":([a-z]+|\\*)", Pattern.CASE_INSENSITIVE);

  private final HttpClient client = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();
  private final Map<String, String> pages = new TreeMap<>();
  private final String master;

  private FlinkPages(String master) {
    this.master = master;
  }

  /**
   * Asks for everything.
   *
   * @param master {@code host:port}
   * @return what was answered, by path; an error is an answer too
   */
  static Map<String, String> of(String master) throws IOException {
    FlinkPages flink = new FlinkPages(master);
    for (String resource : resources()) {
      flink.askForAll(resource);
    }
    return flink.pages;
  }

  /** Such as {@code /jobs/:jobid/config}. */
  private static Set<String> resources() throws IOException {
    Set<String> resources = new TreeSet<>();
    Path lib = Path.of(System.getProperty("fusewright.lib"));
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(lib, "flink-runtime*.jar")) {
      for (Path jar : jars) {
        try (JarFile classes = new JarFile(jar.toFile())) {
          for (JarEntry entry : Collections.list(classes.entries())) {
            if (OF_THE_INTERFACE.matcher(entry.getName()).matches()) {
              declared(entry.getName()).ifPresent(resources::add);
            }
          }
        }
      }
    }
    resources.removeAll(END_A_JOB);
    return resources;
  }

  /** What a class declares to be asked with GET, if it declares anything. */
  private static Optional<String> declared(String file) {
    try {
      String name = file.replace('/', '.').replaceFirst("\\.class$", "");
      Class<?> type = Class.forName(name, false, FlinkPages.class.getClassLoader());
      if (!RestHandlerSpecification.class.isAssignableFrom(type)
          || CustomHeadersDecorator.class.isAssignableFrom(type)
          || Modifier.isAbstract(type.getModifiers())) {
        return Optional.empty();
      }
      Constructor<?> constructor = type.getDeclaredConstructor();
      constructor.setAccessible(true);
      RestHandlerSpecification resource = (RestHandlerSpecification) constructor.newInstance();
      return resource.getHttpMethod() == HttpMethodWrapper.GET
          ? Optional.of(resource.getTargetRestEndpointURL())
          : Optional.empty();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(file + " cannot be asked what it declares", e);
    }
  }

  private void askForAll(String resource) throws IOException {
    List<String> paths = List.of(resource);
    for (String parameter : PARAMETER.matcher(resource).results().map(it -> it.group()).toList()) {
      List<String> filled = new ArrayList<>();
      for (String path : paths) {
        for (String value : values(parameter, path)) {
          filled.add(path.replace(parameter, value));
        }
      }
      paths = filled;
    }
    for (String path : paths) {
      text(path);
    }
  }

  /** What there is to fill in; nothing for what a run has not, such as savepoints. */
  private List<String> values(String parameter, String path) throws IOException {
    String folder = path.substring(0, path.indexOf(parameter) - 1);
    return switch (parameter) {
      case ":jobid" -> texts("/jobs", "/jobs", "id");
      case ":vertexid" -> texts(folder.replace("/vertices", ""), "/vertices", "id");
      case ":taskmanagerid" -> texts("/taskmanagers", "/taskmanagers", "id");
      case ":filename" -> texts(folder, "/logs", "name");
      case ":subtaskindex", ":attempt" -> List.of("0");
      case ":*" -> List.of("index.html");
      default -> List.of();
    };
  }

  private List<String> texts(String path, String list, String field) throws IOException {
    JsonNode page = json.readTree(text(path));
    List<String> texts = new ArrayList<>();
    page.at(list).forEach(element -> texts.add(element.path(field).asText()));
    return texts;
  }

  private String text(String path) throws IOException {
    String known = pages.get(path);
    if (known != null) {
      return known;
    }
    try {
      HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + master + path)).build();
      String body = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
      pages.put(path, body);
      return body;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
