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
package dev.fusewright.io.storage;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.nio.file.FileAlreadyExistsException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.hadoop.fs.Abortable;
import org.apache.hadoop.fs.EtagSource;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.util.functional.FutureIO;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Any scheme but that of local files, by Hadoop's {@code FileSystem}. */
final class HadoopStore extends WalkingStore {
  private static final Logger LOG = LoggerFactory.getLogger(HadoopStore.class);

  /** Where a file appears only when its stream is closed, and a rename is a copy. */
  static final Set<String> APPEARS_WHEN_CLOSED = Set.of("s3a", "gs");

  /** With it as long as a range, S3A asks for no byte more than the range has. */
  private static final String S3A_READ_AHEAD = "fs.s3a.readahead.range";

  /** The whole is sent again where the client gave up, or cannot know whether it came through. */
  private static final int SENT_AT_MOST = 3;

  private final StorageConfiguration configuration;

  HadoopStore(StorageConfiguration configuration, TemporaryNames names) {
    super(names);
    this.configuration = configuration;
  }

  @Override
  void delete(Location file) throws IOException {
    fileSystem(file).delete(FileSystems.path(file), false);
  }

  @Override
  List<StoredFile> unfinished(Location folder) throws IOException {
    return APPEARS_WHEN_CLOSED.contains(folder.scheme()) ? List.of() : super.unfinished(folder);
  }

  @Override
  public Optional<StoredFile> status(Location location) throws IOException {
    try {
      FileStatus status = ask(location);
      if (status.isDirectory()) {
        return Optional.empty();
      }
      StoredFile file = stored(location, status);
      SeenVersions.keep(file, status);
      return Optional.of(file);
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  @Override
  void walk(
      Location folder,
      boolean isRecursive,
      Predicate<Location> isWanted,
      long enough,
      Consumer<StoredFile> found)
      throws IOException {
    try {
      understood(
          folder,
          fileSystem(folder),
          files -> {
            long count = 0;
            RemoteIterator<LocatedFileStatus> all =
                files.listFiles(FileSystems.path(folder), isRecursive);
            while (count < enough && all.hasNext()) {
              FileStatus status = all.next();
              FetchDeadline.note();
              Location file =
                  new Location(
                      folder.scheme(), folder.authority(), status.getPath().toUri().getPath());
              if (isWanted.test(file)) {
                found.accept(stored(file, status));
                count++;
              }
            }
            return count;
          });
    } catch (FileNotFoundException e) {
      LOG.debug("{}: there is no such folder", folder);
    }
  }

  @Override
  public InputStream open(Location location, long offset) throws IOException {
    return open(location, file(location), offset);
  }

  /**
   * S3 itself holds the etag that was seen against the object, with the request for its bytes: then
   * nothing is asked before.
   */
  @Override
  public InputStream open(StoredFile file, long offset) throws IOException {
    FileStatus seen = offset < file.bytes() ? SeenVersions.find(file) : null;
    if (seen != null) {
      return begun(file.location(), open(file.location(), seen, offset));
    }
    return open(file.location(), same(file), offset);
  }

  /** What is known of a file now, if it is the one that was seen. */
  private FileStatus same(StoredFile seen) throws IOException {
    FileStatus status = file(seen.location());
    if (!stored(seen.location(), status).equals(seen)) {
      throw new ReplacedFileException(seen.location());
    }
    return status;
  }

  /** One request for these bytes and no others. */
  @Override
  public byte[] read(StoredFile file, long position, int length) throws IOException {
    Location location = file.location();
    FileStatus status = SeenVersions.find(file);
    if (status == null) {
      status = same(file);
      SeenVersions.keep(file, status);
    }
    try (FSDataInputStream in =
        FutureIO.awaitFuture(
            fileSystem(location)
                .openFile(FileSystems.path(location))
                .opt(
                    Options.OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY,
                    Options.OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY_RANDOM)
                .opt(S3A_READ_AHEAD, length)
                .withFileStatus(status)
                .build())) {
      in.seek(position);
      byte[] bytes = new byte[length];
      for (int done = 0; done < length; ) {
        int n = in.read(bytes, done, length - done);
        if (n < 0) {
          throw new EOFException(
              "%s: expected %d bytes from byte %d on, found %d"
                  .formatted(location, length, position, done));
        }
        FetchDeadline.note();
        done += n;
      }
      return bytes;
    } catch (IOException e) {
      throw StorageErrors.isReplacement(e) ? new ReplacedFileException(location) : e;
    } catch (RuntimeException e) {
      throw notUnderstood(location, e);
    }
  }

  private FileStatus ask(Location location) throws IOException {
    Path path = FileSystems.path(location);
    return understood(location, fileSystem(location), files -> files.getFileStatus(path));
  }

  /** A request to a file system. */
  private interface Request<T> {
    T send(FileSystem files) throws IOException;
  }

  /**
   * What a request answers. The clients retry what fails, except an answer that was cut off among
   * its headers: over that S3A throws a NullPointerException.
   */
  private static <T> T understood(Location location, FileSystem files, Request<T> request)
      throws IOException {
    Backoff backoff = new Backoff(SENT_AT_MOST);
    while (true) {
      try {
        return request.send(files);
      } catch (RuntimeException e) {
        backoff.pauseOrThrow(notUnderstood(location, e));
      }
    }
  }

  private static IOException notUnderstood(Location location, RuntimeException e) {
    return new IOException(location + ": the store's answer was not understood: " + e, e);
  }

  private FileStatus file(Location location) throws IOException {
    FileStatus status = ask(location);
    if (status.isDirectory()) {
      throw new FileNotFoundException(location + " is a folder, not a file");
    }
    return status;
  }

  /** What is opened is what the status describes: S3A asks for its etag. */
  private InputStream open(Location location, FileStatus status, long offset) throws IOException {
    FSDataInputStream in =
        FutureIO.awaitFuture(
            fileSystem(location)
                .openFile(FileSystems.path(location))
                .opt(
                    Options.OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY,
                    Options.OpenFileOptions.FS_OPTION_OPENFILE_READ_POLICY_SEQUENTIAL)
                .withFileStatus(status)
                .build());
    try {
      in.seek(offset);
      return in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /** A stream whose first byte has come, so that whoever opens it learns what is wrong. */
  private static InputStream begun(Location location, InputStream in) throws IOException {
    try {
      PushbackInputStream begun = new PushbackInputStream(in);
      int first = begun.read();
      if (first >= 0) {
        begun.unread(first);
      }
      return begun;
    } catch (IOException e) {
      in.close();
      throw StorageErrors.isReplacement(e) ? new ReplacedFileException(location) : e;
    } catch (RuntimeException e) {
      in.close();
      throw notUnderstood(location, e);
    }
  }

  @Override
  public PendingFile create(Location location, Existing existing) throws IOException {
    FileSystem fileSystem = fileSystem(location);
    if (APPEARS_WHEN_CLOSED.contains(location.scheme())) {
      Path path = FileSystems.path(location);
      return new AtClose(
          location,
          understood(
              location,
              fileSystem,
              files ->
                  switch (existing) {
                    case REPLACE -> files.create(path, true);
                    case REFUSE ->
                        location.scheme().equals("s3a")
                            ? ifAbsent(files.createFile(path))
                            : files.create(path, false);
                  }),
          existing);
    }
    Location temporary = location.parent().resolve(names.next(location));
    return new Renamed(
        location, temporary, fileSystem.create(FileSystems.path(temporary), false), existing);
  }

  /** S3 itself refuses, when the stream is closed, if there is such a key by then. */
  private static FSDataOutputStream ifAbsent(FSDataOutputStreamBuilder<?, ?> builder)
      throws IOException {
    builder.recursive();
    builder.overwrite(true);
    builder.must(Options.CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE, true);
    return (FSDataOutputStream) builder.build();
  }

  @Override
  public StoredFile publish(java.nio.file.Path file, Location target) throws IOException {
    return sent(target, () -> super.publish(file, target));
  }

  @Override
  public StoredFile publish(byte[] content, Location target) throws IOException {
    return sent(target, () -> super.publish(content, target));
  }

  /** S3 copies by itself, if it can; it holds the etag that was seen against the source. */
  @Override
  public StoredFile copy(StoredFile source, Location target) throws IOException {
    if (target.scheme().equals("s3a")) {
      Optional<S3Objects> objects = objects(source, target);
      if (objects.isPresent()) {
        objects.get().copy(source, target);
        return sameAs(source, committed(target));
      }
    }
    return super.copy(source, target);
  }

  /** S3 copies the long ranges of its own by itself, if it can. */
  @Override
  public StoredFile assemble(java.nio.file.Path file, List<StoredRange> stored, Location target)
      throws IOException {
    S3Assembly assembly = assembly(file, stored, target);
    if (assembly == null) {
      return publish(file, target);
    }
    try {
      return sent(
          target,
          () -> {
            assembly.send(this::requireUnchanged);
            return committed(target);
          });
    } catch (IOException e) {
      if (StorageErrors.isTransient(e) || e instanceof FileNotFoundException) {
        throw e;
      }
      LOG.warn("{}: the server does not copy, so all of it is sent: {}", target, e.toString());
      return publish(file, target);
    }
  }

  /** An object that S3 can copy some of; null if there is nothing to be copied. */
  private @Nullable S3Assembly assembly(
      java.nio.file.Path file, List<StoredRange> stored, Location target) throws IOException {
    if (!target.scheme().equals("s3a")) {
      return null;
    }
    List<StoredRange> copied = new ArrayList<>();
    S3Objects objects = null;
    for (StoredRange range : stored) {
      S3Objects of = objects(range.source(), target).orElse(null);
      if (of != null) {
        objects = of;
        copied.add(range);
      }
    }
    if (objects == null) {
      return null;
    }
    S3Assembly assembly = new S3Assembly(objects, file, copied, target);
    return assembly.isWorthwhile() ? assembly : null;
  }

  /** The objects of the target's bucket, if the server can copy what was seen to them. */
  private Optional<S3Objects> objects(StoredFile source, Location target) throws IOException {
    return source.location().scheme().equals("s3a") && source.etag() != null
        ? S3Objects.between(fileSystem(source.location()), fileSystem(target))
        : Optional.empty();
  }

  /**
   * A copy, if it is that of the version that was seen. Servers that speak S3's protocol need not
   * know the condition that was sent. Where both etags are one, the bytes are; of an upload in
   * parts, or under a key, they differ in any case, and the source is asked for.
   */
  private StoredFile sameAs(StoredFile source, StoredFile copy) throws IOException {
    if (!Objects.equals(source.etag(), copy.etag())) {
      StoredFile now =
          status(source.location())
              .orElseThrow(() -> new FileNotFoundException(source.location() + " is gone"));
      if (!Objects.equals(source.etag(), now.etag()) || source.bytes() != copy.bytes()) {
        throw new ReplacedFileException(source.location());
      }
    }
    return copy;
  }

  /** A whole publication. */
  private interface Publishing {
    StoredFile run() throws IOException;
  }

  /**
   * Sends a file, and all of it once more if that failed in a way that may pass. The client has
   * retried each request; but an answer that was lost after an upload was completed looks to it as
   * if there were no such upload.
   */
  private static StoredFile sent(Location target, Publishing publishing) throws IOException {
    Backoff backoff = new Backoff(SENT_AT_MOST);
    while (true) {
      try {
        return publishing.run();
      } catch (IOException e) {
        boolean lostUpload =
            e instanceof FileNotFoundException && APPEARS_WHEN_CLOSED.contains(target.scheme());
        boolean mayPass = StorageErrors.isTransient(e) && !(e instanceof ReplacedFileException);
        if (!lostUpload && !mayPass) {
          throw e;
        }
        backoff.pauseOrThrow(e);
      }
    }
  }

  private static StoredFile stored(Location location, FileStatus status) {
    String etag = status instanceof EtagSource source ? source.getEtag() : null;
    return new StoredFile(
        location, status.getLen(), Instant.ofEpochMilli(status.getModificationTime()), etag);
  }

  private StoredFile committed(Location target) throws IOException {
    return status(target)
        .orElseThrow(() -> new FileNotFoundException(target + " was removed by somebody else"));
  }

  private FileSystem fileSystem(Location location) throws IOException {
    return FileSystems.open(configuration, location).files();
  }

  /** Written under a temporary name in the same folder, and renamed over the target. */
  private final class Renamed implements PendingFile {
    private final Location target;
    private final Location temporary;
    private final OutputStream stream;
    private final Existing existing;

    Renamed(Location target, Location temporary, OutputStream stream, Existing existing) {
      this.target = target;
      this.temporary = temporary;
      this.stream = stream;
      this.existing = existing;
    }

    @Override
    public OutputStream stream() {
      return stream;
    }

    @Override
    public StoredFile commit() throws IOException {
      stream.close();
      try {
        FileSystems.open(configuration, target)
            .requireContext()
            .rename(
                FileSystems.path(temporary),
                FileSystems.path(target),
                switch (existing) {
                  case REPLACE -> Options.Rename.OVERWRITE;
                  case REFUSE -> Options.Rename.NONE;
                });
      } catch (org.apache.hadoop.fs.FileAlreadyExistsException e) {
        throw alreadyThere(target, e);
      }
      return committed(target);
    }

    @Override
    public void close() throws IOException {
      try {
        stream.close();
      } finally {
        delete(temporary);
      }
    }
  }

  private static FileAlreadyExistsException alreadyThere(Location target, IOException cause) {
    FileAlreadyExistsException exception = new FileAlreadyExistsException(target.toString());
    exception.initCause(cause);
    return exception;
  }

  /** Written to the final key, which appears only when the stream is closed. */
  private final class AtClose implements PendingFile {
    private final Location target;
    private final FSDataOutputStream stream;
    private final Existing existing;
    private boolean committed;

    AtClose(Location target, FSDataOutputStream stream, Existing existing) {
      this.target = target;
      this.stream = stream;
      this.existing = existing;
    }

    @Override
    public OutputStream stream() {
      return stream;
    }

    @Override
    public StoredFile commit() throws IOException {
      committed = true;
      try {
        stream.close();
      } catch (IOException e) {
        if (existing == Existing.REFUSE && status(target).isPresent()) {
          throw alreadyThere(target, e);
        }
        throw e;
      } catch (RuntimeException e) {
        throw notUnderstood(target, e);
      }
      return committed(target);
    }

    /**
     * Aborts. A stream that cannot be aborted is left open: closing it would publish half a file.
     */
    @Override
    public void close() {
      if (!committed && stream.getWrappedStream() instanceof Abortable abortable) {
        abortable.abort();
      }
    }
  }
}
