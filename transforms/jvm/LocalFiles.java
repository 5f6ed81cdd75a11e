package lakeward;

import org.apache.hadoop.fs.LocalFileSystem;

/** Hadoop's local file system ({@code fs.file.impl}), with permissions set as {@link RawLocalFiles} does. */
public final class LocalFiles extends LocalFileSystem {
  public LocalFiles() {
    super(new RawLocalFiles());
  }
}
