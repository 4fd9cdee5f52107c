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
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.fusewright.deploy.support.Yaml;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.flink.kubernetes.operator.api.FlinkDeployment;

/**
 * The schema by which a cluster accepts a FlinkDeployment: that of the operator's own resource
 * definition. A cluster drops what the schema does not know without a word; here it is an error.
 */
final class OperatorSchema {
  private static final String DEFINITION =
      "/META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml";

  private static final JsonSchema SCHEMA = read();

  private OperatorSchema() {}

  /** What is wrong with a deployment; empty if nothing is. */
  static List<String> faults(JsonNode deployment) {
    return SCHEMA.validate(deployment).stream().map(ValidationMessage::getMessage).toList();
  }

  private static JsonSchema read() {
    try (InputStream in = FlinkDeployment.class.getResourceAsStream(DEFINITION)) {
      String definition = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      ObjectNode schema =
          (ObjectNode) Yaml.document(definition).at("/spec/versions/0/schema/openAPIV3Schema");
      close(schema);
      // The frame, which the API server knows for every kind.
      ObjectNode properties = schema.withObject("/properties");
      properties.putObject("apiVersion").put("const", "flink.apache.org/v1beta1");
      properties.putObject("kind").put("const", "FlinkDeployment");
      properties.putObject("metadata").put("type", "object");
      schema.putArray("required").add("apiVersion").add("kind").add("metadata").add("spec");
      return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(schema);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Closes every object that lists its fields. */
  private static void close(JsonNode schema) {
    if (schema instanceof ObjectNode object
        && object.path("properties").isObject()
        && !object.has("additionalProperties")
        && !object.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
      object.put("additionalProperties", false);
    }
    schema.forEach(OperatorSchema::close);
  }
}
