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
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.deploy.support.Project;
import dev.fusewright.deploy.support.Yaml;
import java.util.ArrayList;
import java.util.List;

/**
 * What the launcher creates: the deployment of the rendered ConfigMap, the patch over it, and the
 * options as arguments. {@link LaunchTest} compares it with what the launcher really sends.
 *
 * @param deployment the FlinkDeployment, under its name in the file
 * @param arguments of the run, {@code run} first
 */
public record RunManifest(ObjectNode deployment, List<String> arguments) {
  private static final String CONFIG_MAP = "fusewright-run(-imaging)?";

  private static final String ZOO = "app.kubernetes.io/instance";

  /** Of a Job's name and the beginning of its uid. */
  static final String RUN_ID = "fusewright-29000000-01234567";

  /** Of the kustomization in a folder below {@code deploy/kubernetes}. */
  public static RunManifest of(String folder) {
    return of(data(Kustomization.render(Project.DEPLOY.resolve("kubernetes").resolve(folder))));
  }

  /** The files that the launcher finds in its ConfigMap. */
  static JsonNode data(List<ObjectNode> objects) {
    return objects.stream()
        .filter(object -> object.path("kind").asText().equals("ConfigMap"))
        .filter(object -> object.at("/metadata/name").asText().matches(CONFIG_MAP))
        .findFirst()
        .orElseThrow()
        .path("data");
  }

  private static RunManifest of(JsonNode data) {
    ObjectNode deployment =
        (ObjectNode)
            MergePatch.apply(
                Yaml.document(data.path("deployment.yaml").asText()),
                Yaml.document(data.path("patch.yaml").asText()));
    deployment.withObject("/metadata/labels").put(ZOO, "fusewright");
    deployment.withObject("/spec/podTemplate/metadata/labels").put(ZOO, "fusewright");
    ArrayNode arguments = deployment.withObject("/spec/job").putArray("args");
    arguments.add("run").add("--run-id=" + RUN_ID);
    data.path("options")
        .asText()
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .forEach(arguments::add);
    List<String> texts = new ArrayList<>();
    arguments.forEach(argument -> texts.add(argument.asText()));
    return new RunManifest(deployment, texts);
  }
}
