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
package dev.fusewright.pipeline.beam;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.pipeline.cache.CacheLookup;
import dev.fusewright.pipeline.run.RunFolder;
import dev.fusewright.pipeline.run.RunSpec;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.JsonFields;
import dev.fusewright.pipeline.settings.Mode;
import dev.fusewright.pipeline.settings.Setting;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.settings.SettingPlace;
import dev.fusewright.pipeline.settings.Settings;
import dev.fusewright.pipeline.settings.SettingsJson;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;

/**
 * Configuration of {@link FuseModels}. As a row it has the {@link #SCHEMA}, in which each setting
 * of a run is a field under the name that it has in JSON.
 *
 * @param runId in reports, and of the folder for what shows why fusions were dropped. What an
 *     earlier attempt under the same id has done is reported as it was, and not as UNCHANGED
 * @param output folder of the published models
 * @param reports folder of the action cache, by which what is unchanged is left alone
 * @param settings that hold where an entry says nothing else
 * @param storage how stores are reached, and where workers put local files
 * @param trust which receipts of earlier attempts count
 */
public record FuseConfiguration(
    String runId,
    Location output,
    Location reports,
    Settings settings,
    StorageConfiguration storage,
    CacheLookup.Trust trust)
    implements Serializable {
  private static final List<Setting<?>> SETTINGS = SettingFields.at(SettingPlace.RUN);
  private static final Location WORKING_DIRECTORY = Location.of(Path.of(""));

  /** The fields of a configuration as a row. Only {@code output} is required. */
  public static final Schema SCHEMA = schema();

  /** Checks the id; an audit relies on no earlier one. */
  public FuseConfiguration {
    if (FuseSettings.resolve(settings).mode() == Mode.AUDIT) {
      trust = CacheLookup.Trust.THIS_RUN_ONLY;
    }
    RunFolder.checkedId(runId);
  }

  /** A configuration with the defaults, the action cache in the output's own {@code reports/}. */
  public static FuseConfiguration into(Location output) {
    return new FuseConfiguration(
        "beam-" + UUID.randomUUID(),
        output,
        output.resolve("reports"),
        Settings.NONE,
        StorageConfiguration.defaults(),
        CacheLookup.Trust.EVERY_RUN);
  }

  /** What a run's own workers go by. */
  static FuseConfiguration of(RunSpec run) {
    return new FuseConfiguration(
        run.id(),
        run.output(),
        run.reports(),
        run.settings(),
        run.storage(),
        run.choices().trust());
  }

  /** This configuration, and this said of one more setting, or another thing of it. */
  public <T> FuseConfiguration with(Setting<T> setting, T value) {
    return with(settings.with(setting, value));
  }

  /** This configuration with other settings. */
  public FuseConfiguration with(Settings others) {
    return new FuseConfiguration(runId, output, reports, others, storage, trust);
  }

  /** This configuration under another id. */
  public FuseConfiguration withRunId(String other) {
    return new FuseConfiguration(other, output, reports, settings, storage, trust);
  }

  /** This configuration with its action cache elsewhere. */
  public FuseConfiguration withReports(Location other) {
    return new FuseConfiguration(runId, output, other, settings, storage, trust);
  }

  /** This configuration with stores reached in another way. */
  public FuseConfiguration with(StorageConfiguration other) {
    return new FuseConfiguration(runId, output, reports, settings, other, trust);
  }

  /** This configuration with other receipts trusted. */
  public FuseConfiguration with(CacheLookup.Trust other) {
    return new FuseConfiguration(runId, output, reports, settings, storage, other);
  }

  /**
   * Reads a configuration. Fields of the schema may be missing, and numbers be of another width.
   *
   * @throws IllegalArgumentException naming the field that is unknown or wrong
   */
  public static FuseConfiguration of(Row row) {
    ObjectNode fields = RowJson.object(row);
    JsonFields.requireKnown("FuseModels has", fields, RowJson.names(SCHEMA));
    String output = JsonFields.text(fields, "output");
    if (output == null || output.isEmpty()) {
      throw new IllegalArgumentException("field 'output' is missing");
    }
    FuseConfiguration configuration =
        into(WORKING_DIRECTORY.resolve(output))
            .with(
                SettingsJson.read(
                    RowJson.parsed(fields, SETTINGS), SettingPlace.RUN, WORKING_DIRECTORY))
            .with(RowJson.storage(fields));
    String reports = JsonFields.text(fields, "reports");
    if (reports != null) {
      configuration = configuration.withReports(WORKING_DIRECTORY.resolve(reports));
    }
    String runId = JsonFields.text(fields, "run_id");
    if (runId != null) {
      configuration = configuration.withRunId(runId);
    }
    return fields.path("force").asBoolean()
        ? configuration.with(CacheLookup.Trust.THIS_RUN_ONLY)
        : configuration;
  }

  /** This configuration as a row, from which {@link #of(Row)} reads the same. */
  public Row row() {
    ObjectNode fields = SettingsJson.write(settings);
    fields.put("output", output.toString());
    fields.put("reports", reports.toString());
    fields.put("run_id", runId);
    if (trust == CacheLookup.Trust.THIS_RUN_ONLY) {
      fields.put("force", true);
    }
    Map<String, String> properties = storage.properties();
    if (!properties.isEmpty()) {
      ObjectNode written = fields.putObject(RowJson.STORAGE);
      properties.forEach(written::put);
    }
    return RowJson.row(fields, SCHEMA);
  }

  private static Schema schema() {
    Schema.Builder schema =
        Schema.builder()
            .addField(
                Schema.Field.of("output", Schema.FieldType.STRING)
                    .withDescription("Folder of the published models."))
            .addField(
                Schema.Field.nullable("reports", Schema.FieldType.STRING)
                    .withDescription(
                        "Folder of the action cache. Default: reports/ in the output."))
            .addField(
                Schema.Field.nullable("run_id", Schema.FieldType.STRING)
                    .withDescription(
                        "In reports. What was done under the same id is reported as it was."
                            + " Default: a new one."))
            .addField(
                Schema.Field.nullable("force", Schema.FieldType.BOOLEAN)
                    .withDescription("Does again what is unchanged."))
            .addField(RowJson.storageField());
    SETTINGS.forEach(setting -> schema.addField(RowJson.field(setting)));
    return schema.build();
  }
}
