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
package dev.fusewright.deploy.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.deploy.support.Project;
import dev.fusewright.deploy.support.Yaml;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Renders what our own kustomizations use of Kustomize, and refuses everything else by name, so
 * that the manifests are checked where there is no kubectl. Where there is one, {@link
 * KustomizationTest} holds the two against each other.
 */
final class Kustomization {
  private static final Set<String> KNOWN =
      Set.of(
          "apiVersion",
          "kind",
          "namespace",
          "nameSuffix",
          "labels",
          "resources",
          "generatorOptions",
          "configMapGenerator",
          "patches");

  private final Path folder;
  private final JsonNode file;

  private Kustomization(Path folder) {
    this.folder = folder;
    this.file = Yaml.document(Project.text(folder.resolve("kustomization.yaml")));
    file.fieldNames()
        .forEachRemaining(
            field -> {
              if (!KNOWN.contains(field)) {
                throw unsupported(field);
              }
            });
  }

  /** The objects that a folder's kustomization stands for. */
  static List<ObjectNode> render(Path folder) {
    return new Kustomization(folder).render();
  }

  private List<ObjectNode> render() {
    List<ObjectNode> objects = new ArrayList<>();
    for (JsonNode resource : file.path("resources")) {
      Path path = folder.resolve(resource.asText());
      if (Files.isDirectory(path)) {
        objects.addAll(render(path.normalize()));
      } else {
        Yaml.documents(Project.text(path)).forEach(node -> objects.add((ObjectNode) node));
      }
    }
    file.path("configMapGenerator").forEach(generator -> generate(generator, objects));
    file.path("patches").forEach(patch -> patch(patch, objects));
    objects.forEach(this::transform);
    if (file.has("nameSuffix")) {
      rename(objects, file.path("nameSuffix").asText());
    }
    return objects;
  }

  /** What is named here, and what refers to it, where our manifests do. */
  private static void rename(List<ObjectNode> objects, String suffix) {
    Map<String, Set<String>> names =
        objects.stream()
            .collect(
                Collectors.groupingBy(
                    object -> object.path("kind").asText(),
                    Collectors.mapping(
                        object -> object.at("/metadata/name").asText(), Collectors.toSet())));
    for (ObjectNode object : objects) {
      suffixed((ObjectNode) object.path("metadata"), "name", suffix);
      Map<String, String> fields =
          Map.of(
              "configMap", "ConfigMap",
              "roleRef", "Role",
              "persistentVolumeClaim", "PersistentVolumeClaim");
      fields.forEach(
          (field, kind) ->
              object
                  .findValues(field)
                  .forEach(
                      reference ->
                          refer(
                              (ObjectNode) reference,
                              kind.equals("PersistentVolumeClaim") ? "claimName" : "name",
                              names.getOrDefault(kind, Set.of()),
                              suffix)));
      Set<String> accounts = names.getOrDefault("ServiceAccount", Set.of());
      object.path("subjects").forEach(node -> refer((ObjectNode) node, "name", accounts, suffix));
      object
          .findParents("serviceAccountName")
          .forEach(node -> refer((ObjectNode) node, "serviceAccountName", accounts, suffix));
    }
  }

  private static void refer(ObjectNode node, String field, Set<String> known, String suffix) {
    if (known.contains(node.path(field).asText())) {
      suffixed(node, field, suffix);
    }
  }

  private static void suffixed(ObjectNode node, String field, String suffix) {
    node.put(field, node.path(field).asText() + suffix);
  }

  private void generate(JsonNode generator, List<ObjectNode> objects) {
    String name = generator.path("name").asText();
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    for (JsonNode entry : generator.path("files")) {
      String[] parts = entry.asText().split("=", 2);
      Path source = folder.resolve(parts[parts.length - 1]);
      data.put(
          parts.length == 2 ? parts[0] : source.getFileName().toString(), Project.text(source));
    }
    JsonNode options = file.path("generatorOptions");
    if (!options.path("disableNameSuffixHash").asBoolean()) {
      throw unsupported("a name with a hash");
    }
    switch (generator.path("behavior").asText("create")) {
      case "create" -> {
        ObjectNode map = JsonNodeFactory.instance.objectNode();
        map.put("apiVersion", "v1").put("kind", "ConfigMap");
        map.putObject("metadata").put("name", name);
        if (options.has("labels")) {
          map.withObject("/metadata/labels").setAll((ObjectNode) options.path("labels"));
        }
        map.set("data", data);
        objects.add(map);
      }
      case "merge" -> named(objects, "ConfigMap", name).withObject("/data").setAll(data);
      default -> throw unsupported("behavior " + generator.path("behavior"));
    }
  }

  /** A strategic merge differs from a merge patch in lists only: our patches have none. */
  private void patch(JsonNode reference, List<ObjectNode> objects) {
    if (reference.size() != 1 || !reference.has("path")) {
      throw unsupported("a patch that is not a file");
    }
    ObjectNode patch = Yaml.document(Project.text(folder.resolve(reference.path("path").asText())));
    if (hasList(patch)) {
      throw unsupported("a list in a patch");
    }
    ObjectNode target =
        named(objects, patch.path("kind").asText(), patch.at("/metadata/name").asText());
    objects.set(objects.indexOf(target), (ObjectNode) MergePatch.apply(target, patch));
  }

  private static boolean hasList(JsonNode node) {
    if (node.isArray()) {
      return true;
    }
    for (JsonNode child : node) {
      if (hasList(child)) {
        return true;
      }
    }
    return false;
  }

  private void transform(ObjectNode object) {
    if (file.has("namespace")) {
      ((ObjectNode) object.path("metadata")).put("namespace", file.path("namespace").asText());
      for (JsonNode subject : object.path("subjects")) {
        ((ObjectNode) subject).put("namespace", file.path("namespace").asText());
      }
    }
    for (JsonNode labels : file.path("labels")) {
      if (labels.path("includeSelectors").asBoolean()) {
        throw unsupported("labels in selectors");
      }
      object.withObject("/metadata/labels").setAll((ObjectNode) labels.path("pairs"));
    }
  }

  private ObjectNode named(List<ObjectNode> objects, String kind, String name) {
    return objects.stream()
        .filter(object -> object.path("kind").asText().equals(kind))
        .filter(object -> object.at("/metadata/name").asText().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "%s: no %s %s to change".formatted(folder, kind, name)));
  }

  private IllegalArgumentException unsupported(String what) {
    return new IllegalArgumentException(
        "%s: the tests cannot render %s. Teach Kustomization, or do without"
            .formatted(folder.resolve("kustomization.yaml"), what));
  }
}
