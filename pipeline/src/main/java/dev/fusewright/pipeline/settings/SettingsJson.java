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
package dev.fusewright.pipeline.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.core.rule.qat.QatBackend;
import dev.fusewright.io.storage.Location;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings as a run's record spells them: the names of the command line's options. What is known of
 * inputs belongs to entries, and is in their catalogue.
 */
public final class SettingsJson {
  private SettingsJson() {}

  public static ObjectNode write(FuseSettings settings) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("mode", settings.mode().text());
    json.put("rules", settings.rules());
    json.put("inputs", settings.inputs().text());
    json.put("verify", settings.proof().text());
    json.put("samples", settings.samples());
    json.put("seed", settings.seed());
    json.put("tolerance", settings.tolerance());
    json.put("no_copy", settings.unfused() == FuseSettings.Unfused.OMIT);
    json.put("accept_inconclusive", settings.doubt() == FuseSettings.Doubtful.ACCEPT);
    ModuleRequest modules = settings.modules();
    json.put("modules", modules.list());
    json.put("qat_prepare", modules.backend() == null ? null : modules.backend().text());
    modules.fusers().forEach(json.putArray("fusers")::add);
    json.put("graph", modules.graph() == null ? null : modules.graph().toString());
    json.put("eps", modules.epsilon());
    return json;
  }

  public static FuseSettings parse(JsonNode json) {
    List<String> fusers = new ArrayList<>();
    json.required("fusers").forEach(fuser -> fusers.add(fuser.asText()));
    String backend = text(json, "qat_prepare");
    String graph = text(json, "graph");
    return new FuseSettings(
        Mode.of(json.required("mode").asText()),
        json.required("rules").asText(),
        InputPolicy.of(json.required("inputs").asText()),
        VerifyLevel.of(json.required("verify").asText()),
        json.hasNonNull("samples") ? (Integer) json.get("samples").intValue() : null,
        json.required("seed").asLong(),
        number(json, "tolerance"),
        json.required("no_copy").asBoolean()
            ? FuseSettings.Unfused.OMIT
            : FuseSettings.Unfused.COPY,
        json.required("accept_inconclusive").asBoolean()
            ? FuseSettings.Doubtful.ACCEPT
            : FuseSettings.Doubtful.REJECT,
        new ModuleRequest(
            text(json, "modules"),
            backend == null ? null : QatBackend.of(backend),
            fusers,
            graph == null ? null : Location.of(graph),
            number(json, "eps")),
        Map.of());
  }

  private static @Nullable String text(JsonNode json, String field) {
    return json.hasNonNull(field) ? json.get(field).asText() : null;
  }

  private static @Nullable Double number(JsonNode json, String field) {
    return json.hasNonNull(field) ? (Double) json.get(field).doubleValue() : null;
  }
}
